import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../body.ts';
import type { Receiver, ReceiverContext } from '../receiver.ts';
import { asRefusal, Refusal } from '../refusal.ts';
import { type Decoded, decodeRequest, type OtlpSignal } from './decode.ts';
import { createSeriesCache, type SeriesCache } from './metrics/series-cache.ts';
import { contentTypes, type Encoding, encodeStatus, encodeSuccess } from './response.ts';

/** The OTLP/HTTP receivers by path. Each answers 200 only once the store has the rows. */
export function createOtlpReceivers(context: ReceiverContext): Record<string, Receiver> {
  const cache = createSeriesCache();
  const receiver =
    (signal: OtlpSignal): Receiver =>
    (request, response) =>
      receive(request, response, { ...context, signal, cache });
  return { '/v1/traces': receiver('traces'), '/v1/metrics': receiver('metrics'), '/v1/logs': receiver('logs') };
}

type OtlpContext = ReceiverContext & { signal: OtlpSignal; cache: SeriesCache };

async function receive(request: IncomingMessage, response: ServerResponse, context: OtlpContext): Promise<void> {
  const encoding = requestEncoding(request);
  try {
    const { rejected, message } = await accept(request, encoding, context);
    response
      .writeHead(200, { 'content-type': contentTypes[encoding ?? 'json'] })
      .end(encodeSuccess(encoding ?? 'json', context.signal, { rejected, message }));
  } catch (error) {
    refuse(request, response, { error, encoding: encoding ?? 'json', context });
  }
}

function requestEncoding(request: IncomingMessage): Encoding | null {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === contentTypes.protobuf) return 'protobuf';
  return type === contentTypes.json ? 'json' : null;
}

async function accept(request: IncomingMessage, encoding: Encoding | null, context: OtlpContext): Promise<Decoded> {
  const { signal, intake, cache, clock } = context;
  if (request.method !== 'POST') throw new Refusal('method', `${request.method} is not allowed here: use POST`);
  if (encoding === null) {
    throw new Refusal(
      'content_type',
      `content-type ${JSON.stringify(request.headers['content-type'] ?? '')}: expected application/x-protobuf or application/json`,
    );
  }
  const body = await readBody(request, context.maxBodyBytes);
  context.reserve(body.length);
  try {
    intake.received(signal, body.length);
    const decoded = decodeRequest(signal, { encoding, body, nowMs: clock(), cache });
    const decodedAtMs = performance.now();
    if (decoded.items > 0) await decoded.store(context.store);
    intake.accepted(signal, decoded.items, (performance.now() - decodedAtMs) / 1_000);
    if (decoded.rejected > 0) intake.rejectedItems(signal, decoded.rejected);
    return decoded;
  } finally {
    context.release(body.length);
  }
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { error, encoding, context }: { error: unknown; encoding: Encoding; context: OtlpContext },
): void {
  const refusal = asRefusal(error);
  context.intake.refused(context.signal, refusal.reason);
  if (refusal.reason === 'internal') context.logger.error({ err: error, signal: context.signal }, 'request failed');
  else
    context.logger.warn({ signal: context.signal, reason: refusal.reason, detail: refusal.message }, 'request refused');
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(refusal.status, {
      'content-type': contentTypes[encoding],
      ...(refusal.headers(request) satisfies Record<string, string>),
    })
    .end(encodeStatus(encoding, refusal.status, refusal.message));
}
