import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

type Steps = { fromMs: number; toMs: number; stepSeconds: number };

/** Messages in one step: of one event type that were published, or that one consumer dealt with in one way. */
export type MessageCount = {
  kind: 'published' | 'done' | 'retried' | 'dead-lettered';
  /** The event type, or the consumer's queue. */
  name: string;
  atMs: number;
  count: number;
};

/** Most messages that waited for a consumer in one step. */
export type LagPoint = { queue: string; atMs: number; lag: number };

/** How long a consumer took in all, seconds, for how many messages. */
export type ProcessingTime = { queue: string; seconds: number; messages: number };

// OpenTelemetry's names as Prometheus writes them.
const type = `labels['messaging_destination_name']`;
const queue = `labels['messaging_consumer_group_name']`;

const step = `intDiv(toUnixTimestamp64Milli(timestamp), {step:Int64}) * {step:Int64}`;
const inSteps =
  'timestamp >= fromUnixTimestamp64Milli({from:Int64} - {step:Int64}) AND timestamp < fromUnixTimestamp64Milli({to:Int64})';

/**
 * By how much cumulative counters grew in each step. A counter that began anew has another `start_ms`, and began at zero; the
 * step before the range is read for what there was already.
 */
function increases(metrics: string): string {
  return `
    SELECT fingerprint, at,
      greatest(0, last - lagInFrame(last, 1, if(start_ms >= {from:Int64}, 0, last)) OVER (
        PARTITION BY fingerprint, start_ms ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) AS increase
    FROM (
      SELECT fingerprint, start_ms, ${step} AS at, max(value) AS last
      FROM samples
      WHERE ${inSteps} AND NOT isNaN(value) AND fingerprint IN (SELECT fingerprint FROM series WHERE metric IN (${metrics}))
      GROUP BY fingerprint, start_ms, at
    )`;
}

function paramsOf({ fromMs, toMs, stepSeconds }: Steps): Record<string, number> {
  return { from: fromMs, to: toMs, step: stepSeconds * 1_000 };
}

/** What was published, by event type, and what became of it, by consumer, in each step of a range (Unix ms); no row where nothing. */
export function readMessageCounts(client: TelemetryClient, steps: Steps): Promise<MessageCount[]> {
  const query = `
    SELECT if(metric = 'messaging_client_sent_messages_total', 'published', labels['outcome']) AS kind,
      if(kind = 'published', ${type}, ${queue}) AS name, toFloat64(at) AS atMs, sum(increase) AS count
    FROM (${increases(`'messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total'`)}) AS grown
    INNER JOIN (SELECT fingerprint, any(series.metric) AS metric, any(labels) AS labels FROM series
      WHERE series.metric IN ('messaging_client_sent_messages_total', 'messaging_client_consumed_messages_total')
      GROUP BY fingerprint) AS known USING fingerprint
    WHERE at >= {from:Int64} AND increase > 0
    GROUP BY kind, name, atMs
    ORDER BY kind, name, atMs`;
  return readRows<MessageCount>(client, query, paramsOf(steps));
}

/** Messages that waited for each consumer in each step of a range; no row where none was reported. */
export function readConsumerLag(client: TelemetryClient, steps: Steps): Promise<LagPoint[]> {
  // Every instance of a consumer reports the lag of all of them.
  const query = `
    SELECT ${queue} AS queue, toFloat64(${step}) AS atMs, max(value) AS lag
    FROM samples
    INNER JOIN (SELECT fingerprint, any(labels) AS labels FROM series WHERE metric = 'messaging_consumer_lag'
      GROUP BY fingerprint) AS known USING fingerprint
    WHERE timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({to:Int64})
      AND NOT isNaN(value)
      AND fingerprint IN (SELECT fingerprint FROM series WHERE metric = 'messaging_consumer_lag')
    GROUP BY queue, atMs
    ORDER BY queue, atMs`;
  return readRows<LagPoint>(client, query, paramsOf(steps));
}

/** How long each consumer took for its messages in a range. */
export function readProcessingTimes(client: TelemetryClient, steps: Steps): Promise<ProcessingTime[]> {
  const [sum, count] = ['messaging_process_duration_seconds_sum', 'messaging_process_duration_seconds_count'];
  const query = `
    SELECT ${queue} AS queue, sumIf(increase, metric = '${sum}') AS seconds, sumIf(increase, metric = '${count}') AS messages
    FROM (${increases(`'${sum}', '${count}'`)}) AS grown
    INNER JOIN (SELECT fingerprint, any(series.metric) AS metric, any(labels) AS labels FROM series
      WHERE series.metric IN ('${sum}', '${count}') GROUP BY fingerprint) AS known USING fingerprint
    WHERE at >= {from:Int64}
    GROUP BY queue
    HAVING messages > 0
    ORDER BY queue`;
  return readRows<ProcessingTime>(client, query, paramsOf(steps));
}
