import {
  createEvaluationEvent,
  type Hook,
  OpenFeature,
  type Logger as OpenFeatureLogger,
  type Provider,
} from '@openfeature/server-sdk';
import { trace } from '@opentelemetry/api';
import type { Logger } from '#process/logger';
import type { Caller } from '../caller.ts';

export type Flags = {
  /**
   * Whether a flag is on for a caller: the same answer for the same user or session. What cannot be evaluated is
   * `otherwise`. Never rejects.
   */
  isOn: (key: string, otherwise: boolean, caller: Caller) => Promise<boolean>;
  stop: () => Promise<void>;
};

export type FlagsEnv = { FLAGS_FILE?: string | undefined; FLAGS_OFREP_URL?: string | undefined };

export type FlagsOptions = {
  /** The service's name. */
  name: string;
  /** A file, or a server that speaks OFREP (flagd does); the server when both are named, neither for no flags at all. */
  env: FlagsEnv;
  logger: Logger;
  /** Between two looks at the file. */
  intervalMs?: number;
  /** Longest wait for the server. Default 200. */
  timeoutMs?: number;
};

/** A server that has not answered is not asked for so long: a request is not held up by its flags again and again. */
const restMs = 2_000;

/** Flags through OpenFeature. Each evaluation is an event of the span that is active, by OpenTelemetry's conventions. */
export async function openFlags(options: FlagsOptions): Promise<Flags> {
  const { name, logger } = options;
  const provider = await chooseProvider(options);
  if (provider !== null) await OpenFeature.setProviderAndWait(name, provider);
  const client = OpenFeature.getClient(name).setLogger(quiet(logger)).addHooks(spanEvents);
  return {
    isOn: (key, otherwise, { userId, sessionId, device, channel }) => {
      const targetingKey = userId ?? sessionId;
      return client.getBooleanValue(key, otherwise, {
        ...(targetingKey === null ? {} : { targetingKey }),
        device,
        channel,
      });
    },
    stop: async () => {
      await provider?.onClose?.();
    },
  };
}

const spanEvents: Hook = {
  finally: (context, details) => {
    const { name, attributes } = createEvaluationEvent(context, details);
    trace.getActiveSpan()?.addEvent(name, attributes);
  },
};

/** What goes wrong in an evaluation is in its span; a line for each would be a flood. */
function quiet(logger: Logger): OpenFeatureLogger {
  const debug = (...args: unknown[]): void => logger.debug({ args }, 'flags');
  return { error: debug, warn: debug, info: debug, debug };
}

/** Of what it may be only one is loaded: an evaluator and a parser cost 20 MB. */
async function chooseProvider({ env, logger, intervalMs, timeoutMs = 200 }: FlagsOptions): Promise<Provider | null> {
  const { FLAGS_FILE: file, FLAGS_OFREP_URL: baseUrl } = env;
  if (baseUrl !== undefined) {
    const { OFREPProvider } = await import('@openfeature/ofrep-provider');
    return new OFREPProvider({ baseUrl, fetchImplementation: createRestingFetch(timeoutMs, logger) });
  }
  if (file === undefined) return null;
  const { createFileProvider } = await import('./file-provider.ts');
  return createFileProvider({ file, logger, ...(intervalMs && { intervalMs }) });
}

function createRestingFetch(timeoutMs: number, logger: Logger): typeof fetch {
  let restsUntilMs = 0;
  let complained = false;
  const rest = (reason: unknown): void => {
    restsUntilMs = performance.now() + restMs;
    if (!complained) logger.warn({ err: reason }, 'the flag server does not answer: the code decides');
    complained = true;
  };
  return async (input, init) => {
    if (performance.now() < restsUntilMs) throw new Error('the flag server has not answered and is not asked');
    try {
      const answer = await fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      if (answer.status >= 500) rest(new Error(`it answered ${answer.status}`));
      else complained = false;
      return answer;
    } catch (error) {
      rest(error);
      throw error;
    }
  };
}
