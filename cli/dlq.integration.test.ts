import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDlqArgs } from './dlq.ts';
import { startTestPostgres, type TestPostgres } from './embedded/test-postgres.ts';

let postgres: TestPostgres;
let boss: PgBoss;
let dataDir: string;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['bus'] });
  boss = new PgBoss({ connectionString: postgres.url('bus'), registerInstance: false, schedule: false });
  await boss.start();
  for (const queue of ['cart.order.confirmed', 'search.product.changed']) {
    await boss.createQueue(`${queue}.dead`);
    await boss.createQueue(queue, { deadLetter: `${queue}.dead`, retryLimit: 0 });
  }
  dataDir = mkdtempSync(path.join(tmpdir(), 'bellwether-dlq-'));
  const url = 'http://127.0.0.1:1';
  const urls = {
    consoleUrl: url,
    otlpUrl: url,
    gatewayUrl: url,
    storefrontUrl: url,
    supervisorUrl: url,
    clickhouseUrl: url,
  };
  const databases = { supervisorToken: 'none', shoppersUrl: url, databaseUrl: url, busUrl: postgres.url('bus') };
  const owner = { supervisorToken: 'unused', chaosEnabled: true };
  const instance = { pid: 1, startedAt: new Date().toISOString(), host: '127.0.0.1', ports: {}, ...owner };
  writeFileSync(path.join(dataDir, 'run.json'), JSON.stringify({ ...instance, ...urls, ...databases }));
});

afterAll(async () => {
  await boss?.stop({ graceful: false });
  await postgres?.stop();
  if (dataDir !== undefined) rmSync(dataDir, { recursive: true });
});

function dlq(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const env = { NODE_ENV: 'test' as const, BELLWETHER_DATA_DIR: dataDir };
  return new Promise((resolve) => {
    execFile(process.execPath, [`${import.meta.dirname}/main.ts`, 'dlq', ...args], { env }, (error, out, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, error: stderr });
    });
  });
}

/** Lets a consumer refuse an event for good. */
async function bury(queue: string, subject: string): Promise<void> {
  const id = await boss.send(queue, { type: 't', subject });
  const [job] = await boss.fetch(queue);
  expect(job?.id).toBe(id);
  await boss.fail(queue, String(id), { message: `no cart ${subject}` });
}

async function list(): Promise<{ id: string; queue: string; reason: string; event: { subject: string } }[]> {
  return JSON.parse((await dlq('list', '--json')).out);
}

describe('bellwether dlq', () => {
  test('says so when nothing waits', async () => {
    expect(await dlq('list')).toMatchObject({ code: 0, out: 'No event waits: all were dealt with.\n' });
  });

  test('lists what was given up with the reason, shows one with its payload, and replays it to its consumer', async () => {
    await bury('cart.order.confirmed', 'one');
    await bury('search.product.changed', 'two');
    const letters = await list();
    expect(letters.map(({ queue, reason, event }) => [queue, reason, event.subject])).toEqual([
      ['cart.order.confirmed', 'no cart one', 'one'],
      ['search.product.changed', 'no cart two', 'two'],
    ]);
    const id = letters[0]?.id ?? '';
    expect((await dlq('show', id)).out).toContain('"subject": "one"');
    expect(await dlq('replay', id)).toMatchObject({ code: 0, out: '1 replayed to cart.order.confirmed\n' });
    const [job] = await boss.fetch<{ subject: string }>('cart.order.confirmed');
    expect(job?.data.subject).toBe('one');
    expect((await list()).map(({ event }) => event.subject)).toEqual(['two']);
  });

  test('replays all of a queue', async () => {
    await bury('search.product.changed', 'three');
    const { out } = await dlq('replay', '--queue', 'search.product.changed');
    expect(out).toBe('2 replayed to search.product.changed\n');
    expect(await list()).toEqual([]);
  });

  test('replays nothing when one of the ids is unknown, and names the queues for an unknown one', async () => {
    await bury('cart.order.confirmed', 'four');
    const [letter] = await list();
    const unknown = '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11';
    expect(await dlq('replay', letter?.id ?? '', unknown)).toMatchObject({ code: 1 });
    expect(await list()).toHaveLength(1);
    const { code, error } = await dlq('list', '--queue', 'cart');
    expect(code).toBe(1);
    expect(error).toContain('there are: cart.order.confirmed, search.product.changed');
  });

  test.each([['show'], ['replay'], ['replay', 'id', '--queue', 'q'], ['forget'], ['list', 'id']])(
    'refuses the command line %s %s',
    (...args) => {
      expect(() => parseDlqArgs(args.filter((arg) => arg !== undefined))).toThrow('expected list');
    },
  );
});
