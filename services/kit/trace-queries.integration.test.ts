import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createLogger } from '#process/logger';
import { allDone } from './after-answer.ts';
import { createDatabase } from './database.ts';
import { recordSpans } from './recorded-spans.ts';

type Tables = { notes: { id: number; text: string } };

const spans = recordSpans();
const tracer = trace.getTracer('test');
const logger = createLogger('test');
logger.level = 'silent';
let postgres: TestPostgres;
let db: Kysely<Tables>;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['catalog'] });
  db = createDatabase<Tables>({ url: postgres.url('catalog'), name: 'test', logger });
  await sql`create table notes (id int primary key, text text not null)`.execute(db);
});

afterAll(async () => {
  await db?.destroy();
  await postgres?.stop();
});

beforeEach(async () => {
  await allDone();
  spans.reset();
});

const toMs = ([seconds, nanos]: readonly [number, number] = [0, 0]): number => seconds * 1_000 + nanos / 1e6;

/** The spans of what `work` asks the database for, in order, and their parent. */
async function recordWithin(work: () => Promise<unknown>): Promise<{ parentId: string; queries: ReadableSpan[] }> {
  const parentId = await tracer.startActiveSpan('request', async (span) => {
    await work().catch(() => undefined);
    await allDone();
    span.end();
    return span.spanContext().spanId;
  });
  return { parentId, queries: spans.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT) };
}

test('each statement of a request has a client span, named by what it does to which table; its values are not told', async () => {
  const insert = () => db.insertInto('notes').values({ id: 1, text: 'a secret' }).execute();
  const { parentId, queries } = await recordWithin(insert);
  expect(queries.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId])).toEqual([
    ['INSERT notes', parentId],
  ]);
  expect(queries[0]?.attributes).toEqual({
    ...{ 'db.system.name': 'postgresql', 'db.namespace': 'catalog', 'db.operation.name': 'INSERT' },
    ...{ 'server.address': '127.0.0.1', 'server.port': Number(new URL(postgres.url('catalog')).port) },
    ...{ 'db.query.summary': 'INSERT notes', 'db.query.text': expect.stringMatching(/^insert into "notes".*\$1/) },
  });
  expect(JSON.stringify(queries.map(({ attributes }) => attributes))).not.toContain('a secret');
});

test('a span is as long as its statement takes', async () => {
  const { queries } = await recordWithin(() => sql`select pg_sleep(0.05)`.execute(db));
  const [span] = queries;
  expect(toMs(span?.duration)).toBeGreaterThanOrEqual(49);
  expect(Math.abs(Date.now() - toMs(span?.endTime))).toBeLessThan(10_000);
});

test('a transaction has one span, from its beginning to its end, named by its statements', async () => {
  const { parentId, queries } = await recordWithin(() =>
    db.transaction().execute(async (trx) => {
      for (const id of [2, 3]) await trx.insertInto('notes').values({ id, text: '' }).execute();
      await sleep(30);
      await trx.selectFrom('notes').selectAll().execute();
    }),
  );
  // Where the machine is busy one of its statements may be slow, and have a span of its own.
  const whole = queries.filter(({ name }) => name.includes(';'));
  expect(whole.map(({ name }) => name)).toEqual(['INSERT notes; SELECT notes; COMMIT']);
  expect(whole[0]?.parentSpanContext?.spanId).toBe(parentId);
  expect(toMs(whole[0]?.duration)).toBeGreaterThanOrEqual(29);
  expect(whole[0]?.attributes).toMatchObject({
    'db.operation.name': 'TRANSACTION',
    'db.query.text': expect.stringMatching(/^insert into "notes" .*;\nselect \* from "notes";\ncommit$/),
  });
});

test('within a transaction, a slow statement and one that fails have a span of their own besides', async () => {
  const { queries } = await recordWithin(() =>
    db.transaction().execute(async (trx) => {
      await sql`select pg_sleep(0.03)`.execute(trx);
      await sql`select 1 / 0`.execute(trx);
    }),
  );
  // Where the machine is busy the end may be slow too.
  const told = queries.filter(({ name }) => name !== 'ROLLBACK');
  expect(told.map(({ name, status }) => [name, status.code])).toEqual([
    ['SELECT', SpanStatusCode.UNSET],
    ['SELECT', SpanStatusCode.ERROR],
    ['SELECT; SELECT; ROLLBACK', SpanStatusCode.UNSET],
  ]);
});

test('a transaction whose connection is lost is over, and what comes after it is told', async () => {
  const { queries } = await recordWithin(async () => {
    const lost = db.transaction().execute((trx) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(trx));
    await lost.catch(() => undefined);
    await db.selectFrom('notes').selectAll().execute();
  });
  expect(queries.map(({ name }) => name)).toEqual(['SELECT', 'SELECT; ROLLBACK', 'ROLLBACK', 'SELECT notes']);
});

test('of two transactions at once, all that they ask is in one span', async () => {
  const one = (id: number) =>
    db.transaction().execute((trx) => trx.insertInto('notes').values({ id, text: '' }).execute());
  const { queries } = await recordWithin(() => Promise.all([one(10), one(11)]));
  const names = queries.flatMap(({ name }) => name.split('; '));
  expect(names.filter((name) => name === 'COMMIT').length).toBeGreaterThanOrEqual(1);
  expect(new Set(names)).toEqual(new Set(['INSERT notes', 'COMMIT']));
});

test('a statement that fails says with which SQLSTATE, and repeats nothing of what was typed', async () => {
  const { queries } = await recordWithin(() => sql`select ${'typed'}::int`.execute(db));
  expect(queries[0]).toMatchObject({
    attributes: { 'error.type': '22P02', 'db.response.status_code': '22P02' },
    status: { code: SpanStatusCode.ERROR, message: 'PostgreSQL: 22P02' },
  });
  expect(JSON.stringify([queries[0]?.attributes, queries[0]?.status])).not.toContain('typed');
});

test.each([
  ['select * from (select 1 as one) as t', 'SELECT'],
  ['with n as (select 1) update notes set text = text where id = 0', 'WITH notes'],
  ['delete from notes where id = 0', 'DELETE notes'],
  ['select extract(epoch from now())', 'SELECT'],
])('%s is called %s', async (statement, name) => {
  const { queries } = await recordWithin(() => sql.raw(statement).execute(db));
  expect(queries.map((span) => span.name)).toEqual([name]);
});

test('what is asked outside of a request leaves no span', async () => {
  await sql`select 1`.execute(db);
  await allDone();
  expect(spans.getFinishedSpans()).toEqual([]);
});
