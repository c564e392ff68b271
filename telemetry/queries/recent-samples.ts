import type { TelemetryClient } from '../client.ts';
import type { Attributes } from '../rows.ts';
import { readRows } from './read.ts';

export type LabelMatcher = { label: string; op: '=' | '!=' | '=~' | '!~'; value: string };

/** A plain series selector. As in Prometheus an absent label equals '', and regular expressions match whole values. */
export type SampleSelector = { id: string; metric: string; matchers: readonly LabelMatcher[] };

/** Times are Unix ms; `startMs` is 0 where the series' start is not known. `value` is null for NaN, stale markers included. */
export type RecentSample = {
  selectorId: string;
  batchId: string;
  arrivedMs: number;
  fingerprint: string;
  labels: Attributes;
  timestampMs: number;
  value: number | null;
  startMs: number;
};

const operators: Record<LabelMatcher['op'], (label: string, value: string) => string> = {
  '=': (label, value) => `labels[${label}] = ${value}`,
  '!=': (label, value) => `labels[${label}] != ${value}`,
  '=~': (label, value) => `match(labels[${label}], concat('^(?s:', ${value}, ')$'))`,
  '!~': (label, value) => `NOT match(labels[${label}], concat('^(?s:', ${value}, ')$'))`,
};

/** Samples of the selected series that arrived in a span of time, both ends included, in order of series and time. */
export async function readRecentSamples(
  client: TelemetryClient,
  options: { selectors: readonly SampleSelector[]; fromArrivedMs: number; toArrivedMs: number },
): Promise<RecentSample[]> {
  const { selectors, fromArrivedMs, toArrivedMs } = options;
  if (selectors.length === 0) return [];
  const params: Record<string, unknown> = { from: fromArrivedMs, to: toArrivedMs };
  const selects = selectors.map((selector, index) => selectSeries(selector, index, params));
  const query = `
    SELECT
      selected.id AS selectorId,
      toString(s.batch_id) AS batchId,
      toFloat64(toUnixTimestamp64Milli(s.arrived_at)) AS arrivedMs,
      toString(s.fingerprint) AS fingerprint,
      selected.labels AS labels,
      toFloat64(toUnixTimestamp64Milli(s.timestamp)) AS timestampMs,
      s.value AS value,
      toFloat64(s.start_ms) AS startMs
    FROM
    (
      SELECT * FROM samples_recent
      WHERE arrived_at >= fromUnixTimestamp64Milli({from:Int64}) AND arrived_at <= fromUnixTimestamp64Milli({to:Int64})
    ) AS s
    INNER JOIN (${selects.join(' UNION ALL ')}) AS selected ON selected.fingerprint = s.fingerprint
    ORDER BY selectorId, s.fingerprint, s.timestamp, s.batch_id
    SETTINGS max_threads = 1`;
  return readRows<RecentSample>(client, query, params);
}

/** Only names of parameters and operators from the table above get into the text. */
function selectSeries(selector: SampleSelector, index: number, params: Record<string, unknown>): string {
  params[`id${index}`] = selector.id;
  params[`metric${index}`] = selector.metric;
  const conditions = selector.matchers.map((matcher, position) => {
    const suffix = `${index}_${position}`;
    params[`label${suffix}`] = matcher.label;
    params[`value${suffix}`] = matcher.value;
    return operators[matcher.op](`{label${suffix}:String}`, `{value${suffix}:String}`);
  });
  return `SELECT {id${index}:String} AS id, fingerprint, any(labels) AS labels FROM
    (SELECT fingerprint, labels FROM series WHERE ${[`metric = {metric${index}:String}`, ...conditions].join(' AND ')})
    GROUP BY fingerprint`;
}
