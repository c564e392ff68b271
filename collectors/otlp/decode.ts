import { hashRequest } from '#telemetry/rows';
import type { Store } from '../receiver.ts';
import { Refusal } from '../refusal.ts';
import { readLogsRequestJson } from './json/logs.ts';
import { readMetricsRequestJson } from './json/metrics.ts';
import { readTraceRequestJson } from './json/traces.ts';
import { MalformedError } from './malformed.ts';
import { boundCache, type SeriesCache } from './metrics/series-cache.ts';
import { createBatch } from './metrics/translate.ts';
import { readLogsRequest } from './protobuf/logs.ts';
import { readMetricsRequest } from './protobuf/metrics.ts';
import { readTraceRequest } from './protobuf/traces.ts';
import type { Encoding } from './response.ts';

export type OtlpSignal = 'traces' | 'metrics' | 'logs';

/** A request turned into rows. `store` hands them over; it resolves once they are stored. */
export type Decoded = {
  items: number;
  rejected: number;
  message: string;
  store: (store: Store) => Promise<void>;
};

type Input = { encoding: Encoding; body: Buffer; nowMs: number; cache: SeriesCache };

/** @throws Refusal `malformed` with a reason when the body is not what it claims to be */
export function decodeRequest(signal: OtlpSignal, input: Input): Decoded {
  try {
    return decoders[signal](input);
  } catch (error) {
    if (error instanceof MalformedError) throw new Refusal('malformed', error.message);
    // A read beyond the buffer (RangeError) or a varint without an end (pbf's plain Error); anything else is a defect here.
    const isBrokenInput = error instanceof RangeError || (error instanceof Error && error.constructor === Error);
    if (isBrokenInput) throw new Refusal('malformed', `not a valid ${input.encoding} message: ${error.message}`);
    throw error;
  }
}

const decoders: Record<OtlpSignal, (input: Input) => Decoded> = {
  traces: decodeTraces,
  metrics: decodeMetrics,
  logs: decodeLogs,
};

function decodeTraces({ encoding, body }: Input): Decoded {
  const rows = encoding === 'json' ? readTraceRequestJson(body) : readTraceRequest(body);
  const requestHash = hashRequest('traces', body);
  return { items: rows.length, rejected: 0, message: '', store: (store) => store.appendTraces(rows, requestHash) };
}

function decodeLogs({ encoding, body, nowMs }: Input): Decoded {
  const nowNanos = `${nowMs}000000`;
  const rows = encoding === 'json' ? readLogsRequestJson(body, nowNanos) : readLogsRequest(body, nowNanos);
  const requestHash = hashRequest('logs', body);
  return { items: rows.length, rejected: 0, message: '', store: (store) => store.appendLogs(rows, requestHash) };
}

function decodeMetrics({ encoding, body, nowMs, cache }: Input): Decoded {
  const batch = createBatch(nowMs);
  if (encoding === 'json') readMetricsRequestJson(body, cache, batch);
  else readMetricsRequest(body, cache, batch);
  boundCache(cache, batch);
  const requestHash = hashRequest('metrics', body);
  return {
    items: batch.samples.length,
    rejected: batch.rejectedPoints,
    message: batch.rejectedReason,
    store: (store) => store.appendMetrics(batch, requestHash),
  };
}
