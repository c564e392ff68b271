import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { holdLease, type Lease } from './lease.ts';

let postgres: TestPostgres;
const logger = pino({ level: 'silent' });

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['bellwether'] });
}, 60_000);

afterAll(() => postgres.stop());

type Watched = Lease & { acquired: () => number; commands: () => number };

function open(): Watched {
  let acquired = 0;
  let commands = 0;
  const lease = holdLease({
    databaseUrl: postgres.url('bellwether', 'alerts'),
    logger,
    onAcquired: () => {
      acquired += 1;
    },
    onCommand: () => {
      commands += 1;
    },
  });
  return { ...lease, acquired: () => acquired, commands: () => commands };
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 500 && !holds(); waited += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
}

test('one process evaluates; the other takes over when it ends, and hears of commands', async () => {
  const first = open();
  await until(first.isHeld);
  const second = open();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(second.isHeld()).toBe(false);
  await first.stop();
  expect(first.isHeld()).toBe(false);
  await until(second.isHeld);
  const client = new Client({ connectionString: postgres.url('bellwether', 'app') });
  await client.connect();
  const before = second.commands();
  await client.query('NOTIFY alert_commands');
  await until(() => second.commands() > before);
  await client.end();
  await second.stop();
});

test('a lost connection loses the lease; it is taken again, and what is in memory is known to be stale', async () => {
  const lease = open();
  await until(lease.isHeld);
  const client = new Client({ connectionString: postgres.url('bellwether', 'postgres') });
  await client.connect();
  await client.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`);
  await client.end();
  await until(() => lease.acquired() === 2 && lease.isHeld());
  await lease.stop();
});
