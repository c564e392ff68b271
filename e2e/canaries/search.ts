import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { z } from 'zod';
import type { Instance } from '#cli/instance';
import { createStoreClient } from '#telemetry/client';

/** A place where a value was found: `<store> <table>` or the name of a log file, and how often. */
export type Find = { where: string; times: number };

const secretsSchema = z.object({ postgresPassword: z.string(), partnerSecret: z.string() });

/** What the instance was given at its first start. */
export function readSecrets(dataDir: string): z.infer<typeof secretsSchema> {
  return secretsSchema.parse(JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')));
}

/** A connection that may do everything. */
export async function connectPostgres({ ports }: Instance, dataDir: string, database: string): Promise<Client> {
  const { postgresPassword: password } = readSecrets(dataDir);
  const client = new Client({ host: '127.0.0.1', port: ports.postgres, user: 'postgres', password, database });
  await client.connect();
  return client;
}

/** Looks through everything that an instance stores: both databases, each table whole, and the logs. */
export async function searchStored(
  { instance, dataDir }: { instance: Instance; dataDir: string },
  forms: readonly string[],
): Promise<Find[]> {
  const found = [
    ...(await searchClickHouse(instance.clickhouseUrl, forms)),
    ...(await searchPostgres(instance, dataDir, forms)),
    ...searchLogs(join(dataDir, 'logs'), forms),
  ];
  return found.filter(({ times }) => times > 0);
}

async function searchClickHouse(url: string, forms: readonly string[]): Promise<Find[]> {
  const client = createStoreClient(url);
  const columns = await client.query({
    query: `SELECT table, groupArray(name) AS names FROM system.columns
            WHERE database = 'bellwether' AND match(type, 'String|Map|JSON') GROUP BY table`,
    format: 'JSONEachRow',
  });
  const finds: Find[] = [];
  for (const { table, names } of await columns.json<{ table: string; names: string[] }>()) {
    const anyColumn = names.map((name) => `multiSearchAny(toString(\`${name}\`), {forms: Array(String)})`).join(' OR ');
    const answer = await client.query({
      query: `SELECT count() AS n FROM bellwether.\`${table}\` WHERE ${anyColumn}`,
      query_params: { forms },
      format: 'JSONEachRow',
    });
    const [row] = await answer.json<{ n: string }>();
    finds.push({ where: `clickhouse ${table}`, times: Number(row?.n) });
  }
  await client.close();
  if (finds.length < 5) throw new Error('the telemetry store has hardly a table: nothing was searched');
  return finds;
}

async function searchPostgres(instance: Instance, dataDir: string, forms: readonly string[]): Promise<Find[]> {
  const server = await connectPostgres(instance, dataDir, 'postgres');
  const { rows: databases } = await server.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE NOT datistemplate',
  );
  await server.end();
  const finds: Find[] = [];
  for (const { name } of databases) {
    const client = await connectPostgres(instance, dataDir, name);
    finds.push(...(await searchDatabase(client, name, forms)));
    await client.end();
  }
  if (finds.length < 20) throw new Error('PostgreSQL has hardly a table: nothing was searched');
  return finds;
}

async function searchDatabase(client: Client, database: string, forms: readonly string[]): Promise<Find[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const finds: Find[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${name} AS t WHERE EXISTS (SELECT FROM unnest($1::text[]) form WHERE position(form in t::text) > 0)`,
      [forms],
    );
    finds.push({ where: `${database} ${name}`, times: rows[0]?.n ?? Number.NaN });
  }
  return finds;
}

function searchLogs(folder: string, forms: readonly string[]): Find[] {
  return readdirSync(folder).map((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    return { where: `log ${file}`, times: lines.filter((line) => forms.some((form) => line.includes(form))).length };
  });
}
