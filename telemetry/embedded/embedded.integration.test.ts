import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ClickHouseError, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTelemetryClient } from '#telemetry/client';
import { countSpansByBatch } from '#telemetry/queries/detection';
import { startTestStore, type TestStore } from './test-store.ts';

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
  await store.client.command({ query: 'CREATE TABLE notes (id UInt64, text String) ENGINE = MergeTree ORDER BY id' });
});

afterAll(() => store.stop());

async function rows<Row>(query: string, params: Record<string, unknown> = {}): Promise<Row[]> {
  const answer = await store.client.query({ query, query_params: params, format: 'JSONEachRow' });
  return answer.json<Row>();
}

const patient = { timeout: 30_000 };

const endless = 'SELECT count() AS n FROM system.numbers_mt WHERE sipHash64(number) % 3 = 1';

describe('the embedded store answers @clickhouse/client as a ClickHouse server does', () => {
  test('a parameter arrives as it was sent, whatever is in it', async () => {
    const nasty = [
      "it's",
      'back\\slash',
      'tab\tand\nline',
      '{x:String}',
      "'; DROP TABLE notes; --",
      'žluťoučký 🐎',
      '',
    ];
    for (const text of nasty) expect(await rows('SELECT {text:String} AS text', { text })).toEqual([{ text }]);
    expect(await rows('SELECT {list:Array(String)} AS list', { list: nasty })).toEqual([{ list: nasty }]);
    expect(await rows('SELECT {n:Int64} + 1 AS n, {f:Float64} AS f', { n: -5, f: 0.25 })).toEqual([
      { n: '-4', f: 0.25 },
    ]);
  });

  test('the format of the answer is the one asked for', async () => {
    const json = await store.client.query({ query: 'SELECT 7 AS n', format: 'JSON' });
    expect(await json.json()).toMatchObject({ data: [{ n: 7 }], rows: 1 });
    const csv = await store.client.query({ query: "SELECT 7 AS n, 'a' AS s", format: 'CSVWithNames' });
    expect(await csv.text()).toBe('"n","s"\n7,"a"\n');
    const compact = await store.client.query({ query: 'SELECT number FROM numbers(3)', format: 'JSONCompactEachRow' });
    expect(await compact.json()).toEqual([['0'], ['1'], ['2']]);
  });

  test('a compressed answer and a compressed insert are read', async () => {
    const client = createClient({
      url: store.url,
      database: 'bellwether',
      compression: { request: true, response: true },
    });
    await client.insert({ table: 'notes', values: [{ id: 1, text: 'squeezed' }], format: 'JSONEachRow' });
    const answer = await client.query({ query: 'SELECT text FROM notes WHERE id = 1', format: 'JSONEachRow' });
    expect(await answer.json()).toEqual([{ text: 'squeezed' }]);
    await client.close();
  });

  test('streams, column lists and text formats without a raw path are inserted', async () => {
    await store.client.insert({
      table: 'notes',
      values: Readable.from(['10\tstreamed\n', '11\tin parts\n'], { objectMode: false }),
      format: 'TabSeparated',
    });
    await store.client.insert({
      table: 'notes',
      columns: ['text'],
      values: [['without id']],
      format: 'JSONCompactEachRow',
    });
    await store.client.insert({ table: 'notes', values: [[12, "it's; named"]], format: 'JSONCompactEachRow' });
    const body = 'id\ttext\nUInt64\tString\n13\ttyped\n';
    const query = encodeURIComponent('INSERT INTO bellwether.notes FORMAT TabSeparatedWithNamesAndTypes');
    const answer = await fetch(`${store.url}/?query=${query}`, {
      method: 'POST',
      body: gzipSync(body),
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer.status).toBe(200);
    expect(await rows('SELECT id, text FROM notes WHERE id IN (0, 10, 11, 12, 13) ORDER BY id')).toEqual([
      { id: '0', text: 'without id' },
      { id: '10', text: 'streamed' },
      { id: '11', text: 'in parts' },
      { id: '12', text: "it's; named" },
      { id: '13', text: 'typed' },
    ]);
  });

  test('a setting holds for its own query only', async () => {
    const answer = await store.client.query({
      query: "SELECT getSetting('max_threads') AS n",
      clickhouse_settings: { max_threads: 1 },
      format: 'JSONEachRow',
    });
    expect(await answer.json()).toEqual([{ n: 1 }]);
    for (let query = 0; query < 4; query += 1) {
      expect(await rows("SELECT getSetting('max_threads') != 1 AS restored")).toEqual([{ restored: 1 }]);
    }
  });

  test('errors carry the code of ClickHouse and its HTTP status', async () => {
    const cases = [
      { query: 'SELECT * FROM nowhere', code: '60', status: 404 },
      { query: 'SELECT nothing', code: '47', status: 404 },
      { query: 'SELEC 1', code: '62', status: 400 },
      { query: 'SELECT throwIf(1)', code: '395', status: 500 },
      { query: 'SELECT {missing:String}', code: '456', status: 400 },
      { query: 'SELECT 1 SETTINGS no_such_setting = 1', code: '115', status: 404 },
    ];
    for (const { query, code, status } of cases) {
      const error = await store.client.query({ query, format: 'JSONEachRow' }).catch((thrown: unknown) => thrown);
      expect(error, query).toBeInstanceOf(ClickHouseError);
      expect(error, query).toMatchObject({ code });
      const answer = await fetch(`${store.url}/`, { method: 'POST', body: query });
      expect([answer.status, answer.headers.get('x-clickhouse-exception-code')], query).toEqual([status, code]);
    }
  });

  test('rows that cannot be read are refused and none of them is kept', async () => {
    const before = await rows('SELECT count() AS n FROM notes');
    const values = Readable.from(['20\tgood\n', 'not a number\tbad\n'], { objectMode: false });
    const error = await store.client
      .insert({ table: 'notes', values, format: 'TabSeparated' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '27' });
    expect(await rows('SELECT count() AS n FROM notes')).toEqual(before);
  });

  test('the headers name query, format and what was written', async () => {
    const result = await store.client.insert({
      table: 'notes',
      values: [{ id: 30, text: 'x' }],
      format: 'JSONEachRow',
      query_id: 'mine-30',
    });
    expect(result.query_id).toBe('mine-30');
    expect(result.summary?.written_rows).toBe('1');
    const answer = await fetch(`${store.url}/?query=SELECT+1&default_format=CSV&query_id=abc`);
    expect(answer.headers.get('x-clickhouse-query-id')).toBe('abc');
    expect(answer.headers.get('x-clickhouse-format')).toBe('CSV');
    expect(await answer.text()).toBe('1\n');
  });

  test('GET only reads', async () => {
    const answer = await fetch(`${store.url}/?query=${encodeURIComponent('DROP TABLE bellwether.notes')}`);
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
    expect(await rows('EXISTS TABLE notes')).toEqual([{ result: 1 }]);
  });

  test('a page in a browser is refused', async () => {
    const answer = await fetch(`${store.url}/?query=SELECT+1`, { headers: { origin: 'http://example.com' } });
    expect(answer.status).toBe(403);
  });

  test('health, readiness and metrics answer', async () => {
    for (const path of ['/ping', '/healthz', '/readyz', '/metrics']) {
      expect((await fetch(`${store.url}${path}`)).status, path).toBe(200);
    }
    expect(await (await fetch(`${store.url}/metrics`)).text()).toContain('clickhouse_lane_statements{lane="alerts"');
  });
});

describe('nobody waits for a long query', () => {
  test('inserts, ping, readiness and detection finish while long queries of the console run', async () => {
    const console = createTelemetryClient({ url: store.url, lane: 'console' });
    const inserts = createTelemetryClient({ url: store.url, lane: 'inserts' });
    const alerts = createTelemetryClient({ url: store.url, lane: 'alerts' });
    const finished: string[] = [];
    const note = (name: string) => () => void finished.push(name);
    const abort = new AbortController();
    // More of them than the console has sessions, so that its lane is full and others wait in it.
    const long = Array.from({ length: 5 }, () =>
      console
        .query({ query: endless, format: 'JSONEachRow', abort_signal: abort.signal })
        .then(note('long'), note('long')),
    );
    await expect
      .poll(
        () =>
          rows(
            `SELECT count() >= 3 AS busy FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system.processes%'`,
          ),
        patient,
      )
      .toEqual([{ busy: 1 }]);
    await inserts.insert({ table: 'notes', values: [{ id: 40, text: 'meanwhile' }], format: 'JSONEachRow' });
    expect((await alerts.ping()).success).toBe(true);
    expect((await fetch(`${store.url}/readyz`)).status).toBe(200);
    await countSpansByBatch(alerts, {
      slis: [{ id: 'a', service: 'cart', bad: { kind: 'error' }, countUnanswered: true }],
      fromArrivedMs: 0,
      toArrivedMs: 1,
    });
    expect(finished).toEqual([]);
    abort.abort();
    await Promise.all(long);
    await Promise.all([console.close(), inserts.close(), alerts.close()]);
  });

  test('a query whose client has gone is stopped, and its session is free again', async () => {
    const abort = new AbortController();
    const gone = store.client
      .query({ query: endless, format: 'JSONEachRow', abort_signal: abort.signal })
      .catch(() => 'gone');
    const running = `SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system.processes%'`;
    const console = createTelemetryClient({ url: store.url, lane: 'console' });
    const count = async (): Promise<unknown> => (await console.query({ query: running, format: 'JSONEachRow' })).json();
    await expect.poll(count, patient).toEqual([{ n: '1' }]);
    abort.abort();
    expect(await gone).toBe('gone');
    await expect.poll(count, patient).toEqual([{ n: '0' }]);
    expect(await rows('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await console.close();
  });

  test('a query runs no longer than it says, and no longer than its lane allows', async () => {
    const error = await store.client
      .query({ query: endless, format: 'JSONEachRow', clickhouse_settings: { max_execution_time: 1 } })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: '159' });
    const alerts = createTelemetryClient({ url: store.url, lane: 'alerts' });
    const answer = await alerts.query({
      query: "SELECT getSetting('max_execution_time') AS seconds",
      clickhouse_settings: { max_execution_time: 0 },
      format: 'JSONEachRow',
    });
    expect(await answer.json()).toEqual([{ seconds: 10 }]);
    await alerts.close();
  });
});

describe('the data directory', () => {
  test('a second process on it says that it is in use', async () => {
    const main = join(import.meta.dirname, 'main.ts');
    const env = { NODE_ENV: 'test' as const, CLICKHOUSE_PORT: '1', CLICKHOUSE_DATA_DIR: store.dataDir };
    const failure = await promisify(execFile)(process.execPath, [main], { env }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${store.dataDir} is in use by process `),
    });
  });

  test('what was acknowledged is there after kill -9', async () => {
    await store.client.insert({ table: 'notes', values: [{ id: 50, text: 'kept' }], format: 'JSONEachRow' });
    await store.kill();
    await store.restart();
    expect(await rows('SELECT text FROM notes WHERE id = 50')).toEqual([{ text: 'kept' }]);
  });
});
