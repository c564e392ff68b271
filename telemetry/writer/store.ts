import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import type { TelemetryClient } from '../client.ts';
import type { SeriesRow } from '../rows.ts';
import { encodeSeries, type Signal, targets } from './encode.ts';

/** Storage as the writer needs it. */
export type BatchStore = {
  /** Which of the given requests the store has already. */
  findStored: (requestHashes: string[]) => Promise<Set<string>>;
  /** Stores a batch whole. Repeating it unchanged under its id stores nothing twice. */
  insertBatch: (signal: Signal, batchId: string, body: Buffer) => Promise<void>;
  /** Registers series; repeating it does no harm. */
  insertSeries: (rows: readonly SeriesRow[], nowMs: number) => Promise<void>;
};

/** The writer's view of a ClickHouse. */
export function createBatchStore(client: TelemetryClient): BatchStore {
  let alone: Promise<void> | undefined;
  return {
    findStored: async (requestHashes) => {
      alone ??= outlastEarlierInserts(client).catch((error: unknown) => {
        alone = undefined;
        throw error;
      });
      await alone;
      const stored = new Set<string>();
      for (let first = 0; first < requestHashes.length; first += hashesPerQuery) {
        const hashes = requestHashes.slice(first, first + hashesPerQuery);
        for (const hash of await selectStored(client, hashes)) stored.add(hash);
      }
      return stored;
    },
    insertBatch: async (signal, batchId, body) => {
      const { table, format, columns } = targets[signal];
      const into = columns === undefined ? table : `${table} (${columns.join(', ')})`;
      await insertText(client, `INSERT INTO ${into} FORMAT ${format}`, body, {
        insert_deduplication_token: batchId,
        insert_deduplicate: 1,
        deduplicate_blocks_in_dependent_materialized_views: 1,
        // One block is one part: a batch is either there or not, and its token stands for all of it.
        input_format_parallel_parsing: 0,
        max_insert_block_size: '10000000',
        min_insert_block_size_rows: '10000000',
        min_insert_block_size_bytes: '1000000000',
        async_insert: 0,
        // Small batches come several times a second: indexes are built when parts are merged, and threads cost more than they give.
        materialize_skip_indexes_on_insert: 0,
        max_threads: 1,
        max_insert_threads: '1',
      });
    },
    insertSeries: async (rows, nowMs) => {
      if (rows.length === 0) return;
      const body = Buffer.from(encodeSeries(rows, Math.floor(nowMs / 1_000)));
      await insertText(client, 'INSERT INTO series FORMAT JSONEachRow', body, {});
    },
  };
}

/** ClickHouse refuses a parameter longer than `max_query_size`, 256 KiB; a hash has at most 64 characters. */
const hashesPerQuery = 1_000;

async function selectStored(client: TelemetryClient, hashes: string[]): Promise<string[]> {
  const answer = await client.query({
    query: `SELECT DISTINCT request_hash FROM ingested_requests WHERE request_hash IN ({hashes:Array(String)})`,
    query_params: { hashes },
    format: 'JSONCompactEachRow',
    clickhouse_settings: { max_threads: 1 },
  });
  return (await answer.json<[string]>()).map(([hash]) => hash);
}

const lookMs = 100;

/** The embedded store ends an insert after a minute. */
const longestInsertMs = 60_000;

/**
 * Waits for the inserts that were under way before this writer's first. A writer that dies leaves its insert running; the
 * request in it comes again to the next writer, which would not find it among the stored ones yet. Looks twice at least:
 * what the store took just before the first look may not have begun.
 */
async function outlastEarlierInserts(client: TelemetryClient): Promise<void> {
  const list = async (): Promise<string[]> => {
    const answer = await client.query({
      query: `SELECT query_id FROM system.processes
        WHERE query_kind = 'Insert' AND match(query, '^INSERT INTO (otel_traces|otel_logs|samples_ingest|business_events|rum_events)')`,
      format: 'JSONCompactEachRow',
    });
    return (await answer.json<[string]>()).map(([id]) => id);
  };
  const earlier = new Set(await list());
  const startedMs = performance.now();
  await delay(lookMs);
  for (const id of await list()) earlier.add(id);
  while (earlier.size > 0 && performance.now() - startedMs < longestInsertMs) {
    await delay(lookMs);
    const now = new Set(await list());
    for (const id of earlier) if (!now.has(id)) earlier.delete(id);
  }
}

// `client.insert` would encode JSON rows itself, one by one; `exec` sends text as it is.
async function insertText(
  client: TelemetryClient,
  query: string,
  body: Buffer,
  settings: ClickHouseSettings,
): Promise<void> {
  const { stream } = await client.exec({
    query,
    values: Readable.from([body], { objectMode: false }),
    clickhouse_settings: settings,
  });
  for await (const _ of stream);
}
