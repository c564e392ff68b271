import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TelemetryClient } from './client.ts';

type Migration = { name: string; checksum: string; statements: string[] };

type Applied = { name: string; checksum: string; statements_done: string };

const schemaFolder = join(import.meta.dirname, 'schema');

/**
 * Brings the store's schema up to date: applies the files of `schema/` that are not recorded in `schema_migrations`, in
 * order. ClickHouse has no transactions for DDL, so each statement is recorded as it succeeds and a run that was cut short goes on from there.
 * @returns the names of the files applied now
 * @throws Error when a file that was applied has changed since
 */
export async function migrate(client: TelemetryClient, folder = schemaFolder): Promise<string[]> {
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS schema_migrations
      (name String, checksum String, statements_done UInt32, applied_at DateTime64(3) DEFAULT now64(3))
      ENGINE = ReplacingMergeTree(statements_done) ORDER BY name`,
  });
  const answer = await client.query({
    query: 'SELECT name, checksum, toString(statements_done) AS statements_done FROM schema_migrations FINAL',
    format: 'JSONEachRow',
  });
  const applied = new Map((await answer.json<Applied>()).map((row) => [row.name, row]));
  const appliedNow: string[] = [];
  for (const migration of readMigrations(folder)) {
    if (await apply(client, migration, applied.get(migration.name))) appliedNow.push(migration.name);
  }
  return appliedNow;
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{3}-.*\.sql$/.test(name));
  return names.sort().map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const statements = text.split(/;\s*$/m).filter((part) => part.replaceAll(/^\s*--.*$/gm, '').trim() !== '');
    return { name, checksum: hash('sha256', text, 'hex'), statements };
  });
}

async function apply(client: TelemetryClient, migration: Migration, applied: Applied | undefined): Promise<boolean> {
  if (applied !== undefined && applied.checksum !== migration.checksum) {
    throw new Error(`${migration.name} was applied to this store and has changed since: add a new file instead`);
  }
  const done = Number(applied?.statements_done ?? 0);
  if (done === migration.statements.length) return false;
  for (const [index, query] of migration.statements.entries()) {
    if (index < done) continue;
    await client.command({ query });
    await client.insert({
      table: 'schema_migrations',
      columns: ['name', 'checksum', 'statements_done'],
      values: [{ name: migration.name, checksum: migration.checksum, statements_done: index + 1 }],
      format: 'JSONEachRow',
    });
  }
  return true;
}
