import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTelemetryClient, type TelemetryClient } from '#telemetry/client';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { makeCounter, makeEvent, makeLog, makeSpan } from '#telemetry/test-rows';
import { staleMarkerBits } from '../rows.ts';
import { RowsRefusedError, StoreUnavailableError } from './errors.ts';
import type { WriterLimits } from './queue.ts';
import { createWriter, type Writer } from './writer.ts';

const logger = pino({ level: 'silent' });
let store: TestStore;
let client: TelemetryClient;

beforeAll(async () => {
  store = await startTestStore();
  client = createTelemetryClient({ url: store.url, lane: 'inserts' });
});

afterAll(async () => {
  await client.close();
  await store.stop();
});

type Made = Partial<WriterLimits> & { registry?: Registry; through?: TelemetryClient };

function makeWriter({ registry, through = client, ...limits }: Made = {}): Writer {
  const shorter = { lingerMs: 100, resendMs: 50, ...limits };
  return createWriter({ client: through, clock: () => Date.now(), logger, limits: shorter, registry });
}

/** A client whose process can die: from then on nothing that is asked of it gets to the store. */
function makeMortalClient(): { mortal: TelemetryClient; die: () => void } {
  let dead = false;
  const mortal = new Proxy(client, {
    get: (target, name) => {
      if (dead) throw new Error('the process is dead');
      return Reflect.get(target, name, target);
    },
  });
  return {
    mortal,
    die: () => {
      dead = true;
    },
  };
}

async function one(query: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const answer = await store.client.query({ query, query_params: params, format: 'JSONEachRow' });
  const [row] = await answer.json<Record<string, unknown>>();
  return row ?? {};
}

/** Rows of a service's spans in the table and in every view. */
function countEverywhere(service: string): Promise<Record<string, unknown>> {
  return one(
    `SELECT
      (SELECT toUInt32(count()) FROM otel_traces WHERE ServiceName = {service:String}) AS stored,
      (SELECT toUInt32(count()) FROM spans_recent WHERE service = {service:String}) AS recent,
      (SELECT toUInt32(sum(requests)) FROM red_10s WHERE kind != 'client' AND service = {service:String}) AS red,
      (SELECT toUInt32(sum(calls)) FROM edges_10s WHERE caller = {service:String}) AS edges,
      (SELECT toUInt32(sum(rows)) FROM ingested_requests
        WHERE request_hash IN (SELECT RequestHash FROM otel_traces WHERE ServiceName = {service:String})) AS ingested,
      (SELECT toUInt32(uniqExact(TraceId)) FROM otel_traces_trace_id_ts
        WHERE TraceId IN (SELECT TraceId FROM otel_traces WHERE ServiceName = {service:String})) AS traces`,
    { service },
  );
}

const peerCall = { SpanKind: 'Client', SpanAttributes: { 'peer.service': 'orders' } } as const;

function spansOf(service: string): ReturnType<typeof makeSpan>[] {
  const nowMs = Date.now();
  return [
    makeSpan(nowMs, { ServiceName: service }),
    makeSpan(nowMs, { ServiceName: service }),
    makeSpan(nowMs, { ServiceName: service, ...peerCall }),
  ];
}

const threeSpans = { stored: 3, recent: 3, red: 2, edges: 1, ingested: 3, traces: 3 };

describe('a request is counted once, in its table and in every view', () => {
  test('when it is sent again at once, later, and by another writer in other company', async () => {
    const writer = makeWriter();
    const spans = spansOf('again');
    await Promise.all([writer.appendTraces(spans, 'again-1'), writer.appendTraces(spans, 'again-1')]);
    await writer.appendTraces(spans, 'again-1');
    const other = makeWriter();
    await Promise.all([
      other.appendTraces(spansOf('company'), 'company-1'),
      other.appendTraces(spans, 'again-1'),
      other.appendTraces(spansOf('company-2'), 'company-2'),
    ]);
    expect(await countEverywhere('again')).toEqual(threeSpans);
    expect(await countEverywhere('company')).toEqual(threeSpans);
  });

  test('logs, samples and events too', async () => {
    const nowMs = Date.now();
    const metrics = makeCounter('requests_total', { job: 'twice' }, [{ timestampMs: nowMs, value: 1 }]);
    const event = makeEvent(nowMs, { subject: 'twice' });
    const another = makeEvent(nowMs, { subject: 'twice' });
    for (const writer of [makeWriter(), makeWriter()]) {
      await Promise.all([
        writer.appendLogs([makeLog(nowMs, { Body: 'twice' })], 'logs-twice'),
        writer.appendMetrics(metrics, 'metrics-twice'),
        writer.appendEvents([event]),
        writer.appendEvents([event, another]),
      ]);
    }
    expect(
      await one(`SELECT
        (SELECT toUInt32(count()) FROM otel_logs WHERE Body = 'twice') AS logs,
        (SELECT toUInt32(count()) FROM samples WHERE fingerprint IN (SELECT fingerprint FROM series WHERE labels['job'] = 'twice')) AS samples,
        (SELECT toUInt32(count()) FROM samples_recent WHERE fingerprint IN (SELECT fingerprint FROM series WHERE labels['job'] = 'twice')) AS recent,
        (SELECT toUInt32(count()) FROM business_events WHERE subject = 'twice') AS events`),
    ).toEqual({ logs: 1, samples: 1, recent: 1, events: 2 });
  });

  test('ten thousand events at once, with ids as long as a sender likes, sent twice', async () => {
    const nowMs = Date.now();
    const long = 'x'.repeat(60);
    const events = Array.from({ length: 10_000 }, (_, index) =>
      makeEvent(nowMs, { id: `${long}-${index}`, subject: 'many' }),
    );
    for (const writer of [makeWriter(), makeWriter()]) await writer.appendEvents(events);
    const query = `SELECT toUInt32(count()) AS events FROM business_events WHERE subject = 'many'`;
    expect(await one(query)).toEqual({ events: 10_000 });
  });

  test('two events whose source and id read alike when joined are two', async () => {
    const nowMs = Date.now();
    await makeWriter().appendEvents([
      makeEvent(nowMs, { source: '/shop-eu', id: '1', subject: 'alike' }),
      makeEvent(nowMs, { source: '/shop', id: 'eu-1', subject: 'alike' }),
    ]);
    const query = `SELECT toUInt32(count()) AS events FROM business_events WHERE subject = 'alike'`;
    expect(await one(query)).toEqual({ events: 2 });
  });
});

test('the payload of a NaN survives', async () => {
  const { series, samples } = makeCounter('gone', {}, [{ timestampMs: Date.now(), value: 0 }]);
  await makeWriter().appendMetrics(
    { series, samples: samples.map((row) => ({ ...row, valueBits: staleMarkerBits })) },
    'stale',
  );
  const query = `SELECT hex(reinterpretAsUInt64(value)) AS bits FROM samples
    WHERE fingerprint IN (SELECT fingerprint FROM series WHERE metric = 'gone')`;
  expect(await one(query)).toEqual({ bits: '7FF0000000000002' });
});

test('requests that wait together share a batch, and a batch ends at its limit of rows', async () => {
  const registry = new Registry();
  const writer = makeWriter({ maxBatchRows: 6, registry });
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => writer.appendTraces(spansOf(`shared-${name}`), `shared-${name}`)),
  );
  const query = `SELECT toUInt32(uniqExact(batch_id)) AS batches, toUInt32(count()) AS rows FROM spans_recent WHERE service LIKE 'shared-%'`;
  expect(await one(query)).toEqual({ batches: 2, rows: 12 });
  expect(await registry.metrics()).toContain('telemetry_writer_rows_total{signal="traces"} 12');
});

test('rows that the store cannot keep are refused alone; their neighbours are stored', async () => {
  const writer = makeWriter();
  const bad = [makeSpan(Date.now(), { ServiceName: 'poison', Timestamp: 'not a time' })];
  const outcomes = await Promise.allSettled([
    writer.appendTraces(spansOf('neighbour'), 'neighbour'),
    writer.appendTraces(bad, 'poison'),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
  expect(outcomes[1]).toMatchObject({ reason: expect.any(RowsRefusedError) });
  expect(await countEverywhere('neighbour')).toEqual(threeSpans);
  expect(await countEverywhere('poison')).toMatchObject({ stored: 0, recent: 0 });
});

test('a request that comes again while its first copy, of a writer that died, is still being stored', async () => {
  const spans = spansOf('overtaken');
  const rows = spans.map((span) => `('${span.TraceId}', '${span.SpanId}', '${span.SpanKind}')`).join(', ');
  // What a dead writer leaves behind, slowed down: its insert goes on without it.
  const other = createTelemetryClient({ url: store.url, lane: 'console' });
  const first = other.command({
    query: `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, SpanKind, SpanName, ServiceName, SpanAttributes, RequestHash)
      SELECT now64(9) + sleepEachRow(0.5), c1, c2, c3, 'GET', 'overtaken', if(c3 = 'Client', map('peer.service', 'orders'), map()), 'overtaken'
      FROM VALUES(${rows})`,
  });
  await expect
    .poll(
      async () =>
        (
          await one(
            `SELECT toUInt32(count()) AS n FROM system.processes WHERE query LIKE '%sleepEachRow(0.5)%' AND query_kind = 'Insert'`,
          )
        ).n,
    )
    .toBe(1);
  await makeWriter({ lingerMs: 1 }).appendTraces(spans, 'overtaken');
  await first;
  await other.close();
  expect(await countEverywhere('overtaken')).toEqual(threeSpans);
});

describe('when the store is away', () => {
  test('senders are turned away, and what they send again when it is back is counted once', async () => {
    const writer = makeWriter();
    await store.kill();
    const spans = spansOf('away');
    await expect(writer.appendTraces(spans, 'away')).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(writer.appendTraces(spansOf('away-2'), 'away-2')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(writer.isHealthy()).toBe(false);
    await store.restart();
    await expect.poll(() => writer.isHealthy(), { timeout: 30_000 }).toBe(true);
    await writer.appendTraces(spans, 'away');
    expect(await countEverywhere('away')).toEqual(threeSpans);
    expect(await countEverywhere('away-2')).toMatchObject({ stored: 0 });
  });
});

describe('kill -9 in the middle of inserts', () => {
  test.each([
    { name: 'the same writer goes on', keepsWriter: true },
    { name: 'the writer is lost with the store', keepsWriter: false },
  ])(
    'no acknowledged request is lost and none is counted twice, in tables and views: $name',
    async ({ keepsWriter }) => {
      const service = keepsWriter ? 'kill-a' : 'kill-b';
      let process = makeMortalClient();
      let writer = makeWriter({ lingerMs: 5, through: process.mortal });
      const acknowledged = new Set<string>();
      const sendUntilStored = async (index: number): Promise<void> => {
        const spans = spansOf(service);
        while (!acknowledged.has(`${service}-${index}`)) {
          await writer.appendTraces(spans, `${service}-${index}`).then(
            () => acknowledged.add(`${service}-${index}`),
            () => new Promise((resolve) => setTimeout(resolve, 50)),
          );
        }
      };
      const total = 120;
      let next = 0;
      const senders = Array.from({ length: 8 }, async () => {
        while (next < total) {
          next += 1;
          await sendUntilStored(next);
        }
      });
      for (const share of [0.3, 0.6]) {
        await expect.poll(() => acknowledged.size, { timeout: 60_000, interval: 3 }).toBeGreaterThan(total * share);
        const before = [...acknowledged];
        await store.kill();
        if (!keepsWriter) {
          process.die();
          process = makeMortalClient();
          writer = makeWriter({ lingerMs: 5, through: process.mortal });
        }
        await store.restart();
        const kept = await one(
          'SELECT toUInt32(uniqExact(RequestHash)) AS kept FROM otel_traces WHERE RequestHash IN {hashes:Array(String)}',
          { hashes: before },
        );
        expect(kept).toEqual({ kept: before.length });
      }
      await Promise.all(senders);
      const rows = total * 3;
      expect(await countEverywhere(service)).toEqual({
        stored: rows,
        recent: rows,
        red: total * 2,
        edges: total,
        ingested: rows,
        traces: rows,
      });
    },
  );
});
