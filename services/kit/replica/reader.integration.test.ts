import { type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { startTestReplica, type TestReplica } from '#cli/embedded/test-replica';
import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { createDatabase } from '../database.ts';
import { createClient } from '../fetch.ts';
import { DomainError } from '../problem.ts';
import { createServer, type Server } from '../server.ts';
import { formatPosition, parsePosition } from './position.ts';
import { createReader, type Reader, type ReaderOptions } from './reader.ts';

type Tables = { notes: { id: number; text: string } };

const logger = createLogger('test');
logger.level = 'silent';
/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 60_000, interval: 20 };
let postgres: TestPostgres;
let replica: TestReplica;
let db: Kysely<Tables>;
let reader: Reader<Tables>;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['catalog'] });
  replica = await startTestReplica(postgres);
  db = createDatabase<Tables>({ url: postgres.url('catalog'), name: 'test', logger });
  await sql`create table notes (id int primary key, text text not null)`.execute(db);
});

afterAll(async () => {
  await db?.destroy();
  await replica?.stop();
  await postgres?.stop();
});

beforeEach(async () => {
  reader = open({});
  // All of what was before is there.
  await reader.wrote('before');
  await expect.poll(() => reader.read(where, 'before'), patient).toBe('replica');
});

afterEach(async () => {
  await replica.resumeReplay().catch(() => {});
  await reader.stop();
});

function open(options: Partial<ReaderOptions<Tables>>): Reader<Tables> {
  const replicaUrl = replica.url('catalog');
  return createReader<Tables>({ db, replicaUrl, maxLagMs: 30_000, name: 'test', logger, intervalMs: 20, ...options });
}

async function where(db: Kysely<Tables>): Promise<'primary' | 'replica'> {
  const { rows } = await sql<{ follows: boolean }>`select pg_is_in_recovery() as follows`.execute(db);
  return rows[0]?.follows === true ? 'replica' : 'primary';
}

const readFrom = (): Promise<string> => reader.read(where);

async function write(id: number, text = 'x'): Promise<void> {
  await db.insertInto('notes').values({ id, text }).execute();
}

const readNote = (id: number) => (db: Kysely<Tables>) =>
  db.selectFrom('notes').select('text').where('id', '=', id).executeTakeFirst();

test('a write of the caller is shown to the caller while the replica does not have it, and others go on reading there', async () => {
  await replica.pauseReplay();
  await write(1);
  await reader.wrote('ada');
  expect(await reader.read(readNote(1), 'ada')).toEqual({ text: 'x' });
  expect(await reader.read(where, 'ada')).toBe('primary');
  expect(await reader.read(where, 'bob')).toBe('replica');
  expect(await reader.read(readNote(1), 'bob')).toBeUndefined();
  await replica.resumeReplay();
  await expect.poll(() => reader.read(where, 'ada'), patient).toBe('replica');
  expect(await reader.read(readNote(1), 'ada')).toEqual({ text: 'x' });
});

test('another instance, behind another service, shows the write to whoever sends the header back', async () => {
  const other = open({});
  await expect.poll(() => other.read(where), patient).toBe('replica');
  const [writing, reading] = await Promise.all([serve(reader), serve(other)]);
  const client = createClient({ peer: 'notes', baseUrl: writing.url, timeoutMs: 10_000 });
  const gateway = await serveRoutes((app) => app.put('/notes/:id', async ({ url }) => (await client.put(url)).status));
  await replica.pauseReplay();
  const answer = await fetch(`${gateway.url}/notes/2`, { method: 'PUT' });
  const header = answer.headers.get('x-read-after') ?? '';
  expect(header).toMatch(/^test=[0-9A-F]+\/[0-9A-F]+$/);
  const ask = async (headers: Record<string, string>): Promise<unknown> =>
    (await fetch(`${reading.url}/notes/2`, { headers })).json();
  expect(await ask({})).toEqual({ from: 'replica', note: null });
  expect(await ask({ 'x-read-after': `other=FFFF/0, ${header}` })).toEqual({ from: 'primary', note: { text: 'x' } });
  expect(await ask({ 'x-read-after': 'test=nonsense' })).toEqual({ from: 'replica', note: null });
  await replica.resumeReplay();
  const shown = { from: 'replica', note: { text: 'x' } };
  await expect.poll(() => ask({ 'x-read-after': header }), patient).toEqual(shown);
  await Promise.all([writing, reading, gateway].map(({ close }) => close()));
  await other.stop();
});

async function serve(reader: Reader<Tables>): Promise<{ url: string; close: () => PromiseLike<unknown> }> {
  return serveRoutes((app) => {
    app.put<{ Params: { id: number } }>('/notes/:id', async ({ params }) => {
      await write(Number(params.id));
      await reader.wrote('notes');
      return {};
    });
    app.get<{ Params: { id: number } }>('/notes/:id', async ({ params }) => ({
      from: await reader.read(where),
      note: (await reader.read(readNote(Number(params.id)))) ?? null,
    }));
  });
}

async function serveRoutes(add: (app: Server) => void): Promise<{ url: string; close: () => PromiseLike<unknown> }> {
  const manifest = { name: 'test', description: '', version: '1.0.0', logger };
  const rest = { readiness: () => ({ ready: true }) as const, chaos: { enabled: false, token: '' } };
  const app = await createServer({ ...manifest, ...rest, registry: createRegistry('test') });
  add(app);
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
}

test('of writes at once under one key each is shown to who made it', async () => {
  await replica.pauseReplay();
  const ids = Array.from({ length: 30 }, (_, index) => 1_000 + index);
  const shown = await Promise.all(
    ids.map(async (id) => {
      await write(id);
      await reader.wrote('ada');
      return reader.read(readNote(id), 'ada');
    }),
  );
  expect(shown).toEqual(ids.map(() => ({ text: 'x' })));
});

test('a replica that is too far behind is not read from, until it has caught up; one with nothing to replay is not behind', async () => {
  const strict = open({ maxLagMs: 200 });
  await expect.poll(() => strict.read(where), patient).toBe('replica');
  await replica.pauseReplay();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await strict.read(where)).toBe('replica');
  await write(3);
  await expect.poll(() => strict.read(where), patient).toBe('primary');
  await replica.resumeReplay();
  await expect.poll(() => strict.read(where), patient).toBe('replica');
  await strict.stop();
});

test('a replica that is killed costs no read, and is used again when it is back', async () => {
  await replica.kill();
  expect(await Promise.all(Array.from({ length: 20 }, readFrom))).toEqual(Array.from({ length: 20 }, () => 'primary'));
  await write(4);
  await replica.restart();
  await expect.poll(readFrom, patient).toBe('replica');
  await expect.poll(() => reader.read(readNote(4)), patient).toEqual({ text: 'x' });
});

test('a replica that hangs costs no read', async () => {
  replica.hang();
  try {
    expect(await reader.read(where)).toBe('primary');
    await expect.poll(readFrom, patient).toBe('primary');
  } finally {
    replica.resume();
  }
  await expect.poll(readFrom, patient).toBe('replica');
});

test('while the primary is away reads go on, since nothing can be written that the replica would miss', async () => {
  await write(6);
  await expect.poll(() => reader.read(readNote(6)), patient).toEqual({ text: 'x' });
  await postgres.restart(async () => {
    await expect(sql`select 1`.execute(db)).rejects.toThrow();
    expect(await reader.read(readNote(6))).toEqual({ text: 'x' });
    expect(await readFrom()).toBe('replica');
    await reader.wrote('ada');
    await expect(reader.read(readNote(6), 'ada')).rejects.toThrow();
  });
  await expect.poll(readFrom, patient).toBe('replica');
  expect(await reader.read(where, 'ada')).toBe('primary');
  await reader.wrote('ada');
  await expect.poll(() => reader.read(where, 'ada'), patient).toBe('replica');
});

test('an answer of the domain is an answer, on the replica as well', async () => {
  let calls = 0;
  const failing = reader.read(async () => {
    calls += 1;
    throw new DomainError('gone', 404, 'There is none.');
  });
  await expect(failing).rejects.toThrow('There is none.');
  expect(calls).toBe(1);
  expect(await readFrom()).toBe('replica');
});

test('without a replica all is read from the primary', async () => {
  const plain = open({ replicaUrl: undefined });
  await plain.wrote('ada');
  expect(await plain.read(where)).toBe('primary');
  await plain.stop();
});

describe('a position', () => {
  test.each([
    ['16/B374D848', '16/B374D848'],
    ['0/1', '0/1'],
    ['ffffffff/ffffffff', 'FFFFFFFF/FFFFFFFF'],
  ])('%s is read', (text, again) => {
    const position = parsePosition(text);
    expect(position === null ? null : formatPosition(position)).toBe(again);
  });

  test.each(['', '16', '16/', '/16', 'x/1', '123456789/0', "0/0'; drop table notes"])('%j is none', (text) => {
    expect(parsePosition(text)).toBeNull();
  });
});

/** Last, since it makes of the replica what it was not. */
test('a replica that was promoted is not read from: it goes its own way', async () => {
  await replica.promote();
  await expect.poll(readFrom, patient).toBe('primary');
  await sql`insert into notes values (5, 'elsewhere')`.execute(
    createDatabase<Tables>({ url: replica.url('catalog'), name: 'test', logger }),
  );
  expect(await reader.read(readNote(5))).toBeUndefined();
});
