import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { answerHealth, type Readiness } from '#process/health';
import type { Logger } from '#process/logger';
import { createEventsReceiver } from './events/receiver.ts';
import { createFaroReceiver, type FaroOptions, faroPath } from './faro/receiver.ts';
import { createIntakeMetrics, type IntakeMetrics } from './intake.ts';
import { createOtlpReceivers } from './otlp/receiver.ts';
import type { Receiver, ReceiverContext, Store } from './receiver.ts';
import { Refusal } from './refusal.ts';

/** Bodies that are read but not yet answered; beyond it senders are asked to come back, or the process would die of memory. */
const maxInFlightBytes = 128 * 1_024 * 1_024;

type Options = {
  store: Store;
  registry: Registry;
  readiness: Readiness;
  logger: Logger;
  clock: () => number;
  maxBodyBytes: number;
  faro: FaroOptions;
};

/** The collectors' HTTP server (not yet listening), and their metrics for receivers that are not HTTP. */
export function createCollectors(options: Options): { server: Server; intake: IntakeMetrics } {
  let inFlightBytes = 0;
  const intake = createIntakeMetrics(options.registry, () => inFlightBytes);
  const context: ReceiverContext = {
    store: options.store,
    intake,
    logger: options.logger,
    clock: options.clock,
    maxBodyBytes: options.maxBodyBytes,
    reserve(bytes) {
      if (inFlightBytes > 0 && inFlightBytes + bytes > maxInFlightBytes) {
        throw new Refusal('overloaded', 'too much is waiting for the store: send the same request again');
      }
      inFlightBytes += bytes;
    },
    release(bytes) {
      inFlightBytes -= bytes;
    },
  };
  const receivers: Record<string, Receiver> = {
    ...createOtlpReceivers(context),
    '/v1/events': createEventsReceiver(context),
    // Without an app nobody has a key: then the path is as unknown as any other.
    ...(options.faro.apps.length > 0 && { [faroPath]: createFaroReceiver(context, options.faro) }),
  };
  return { server: createHttpServer(receivers, options), intake };
}

function createHttpServer(receivers: Record<string, Receiver>, { registry, readiness, logger }: Options): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    // The key of an app may be the last part of the path.
    const route = path.startsWith(`${faroPath}/`) ? faroPath : path;
    const receiver = Object.hasOwn(receivers, route) ? receivers[route] : undefined;
    const answered =
      receiver === undefined
        ? answerHealth(request, response, { registry, readiness }).then((known) => {
            if (!known)
              response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"no such path"}');
          })
        : receiver(request, response);
    answered.catch((error: unknown) => {
      logger.error({ err: error, path }, 'request failed');
      response.destroy();
    });
  });
  // Exporters keep connections for longer than Node's five seconds and take a closed one for an error.
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Takes no new connection, answers the requests at hand, then ends each connection as it falls idle. */
export async function closeGently(server: Server): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
}
