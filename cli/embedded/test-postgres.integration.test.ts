import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from './test-postgres.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['orders', 'cart', 'bellwether'] });
});

afterAll(() => postgres.stop());

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('is PostgreSQL 18, ready for logical replication and many connections', async () => {
  const [settings] = await query(
    postgres.url('postgres'),
    `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('wal_level') AS wal,
            current_setting('max_slot_wal_keep_size') AS kept, current_setting('max_connections')::int AS connections`,
  );
  expect(settings).toEqual({ major: 18, wal: 'logical', kept: '1GB', connections: 300 });
});

test('a role owns its database and may not enter another', async () => {
  await query(postgres.url('orders'), 'CREATE TABLE mine (id int)');
  await expect(query(postgres.url('cart', 'orders'), 'SELECT 1')).rejects.toThrow(/permission denied/);
});

test('a guest may connect and reads nothing that was not granted', async () => {
  await query(postgres.url('bellwether'), 'CREATE SCHEMA closed; CREATE TABLE closed.secret (id int)');
  await expect(query(postgres.url('bellwether', 'alerts'), 'SELECT * FROM closed.secret')).rejects.toThrow(
    /permission denied for schema closed/,
  );
});

test('a service follows its own database, and cannot copy the cluster', async () => {
  const follow = (database: string) => `${postgres.url(database, 'orders')}?replication=database`;
  await query(follow('orders'), 'CREATE_REPLICATION_SLOT mine TEMPORARY LOGICAL pgoutput');
  await expect(query(follow('cart'), 'IDENTIFY_SYSTEM')).rejects.toThrow(/permission denied/);
  await expect(query(`${postgres.url('orders')}?replication=true`, 'IDENTIFY_SYSTEM')).rejects.toThrow(
    /no pg_hba.conf entry for replication connection/,
  );
});
