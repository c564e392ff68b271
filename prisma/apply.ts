import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { type MigrationDirectory, type MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import { Client, Pool } from 'pg';
import { grantRoles } from './grants.ts';

const noFilters = { externalTables: [], externalEnums: [] };

/**
 * Brings the control database to the newest schema and grants each role what it may touch; repeatable.
 * Prisma's own `_prisma_migrations` table records what was applied, so `prisma migrate deploy` agrees with it.
 * @param databaseUrl the database's owner
 * @returns names of the migrations applied now
 * @throws Error when a migration was edited after it was applied, fails, or a role is missing
 */
export async function applyMigrations({ databaseUrl }: { databaseUrl: string }): Promise<string[]> {
  const root = import.meta.dirname;
  const schema = await readFile(join(root, 'schema.prisma'), 'utf8');
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Two starts at once would both see the migration missing; the second waits here.
    await client.query(`SELECT pg_advisory_lock(hashtext('bellwether migrations'))`);
    const applied = await runEngine(databaseUrl, schema, await readMigrations(join(root, 'migrations')));
    await grantRoles(client);
    return applied;
  } finally {
    await client.end();
  }
}

async function runEngine(databaseUrl: string, schema: string, migrationsList: MigrationList): Promise<string[]> {
  // Freeing the engine does not close its connections: a pool of ours can be ended, and the process with it.
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  // The engine needs no shell and no binary: its log callback is the only thing it calls back.
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, factory);
  try {
    const history = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: noFilters,
    });
    if (history.editedMigrationNames.length > 0) {
      throw new Error(`migrations edited after they were applied: ${history.editedMigrationNames.join(', ')}`);
    }
    return (await engine.applyMigrations({ migrationsList, filters: noFilters })).appliedMigrationNames;
  } finally {
    engine.free();
    await pool.end();
  }
}

async function readMigrations(baseDir: string): Promise<MigrationList> {
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(
      async (name): Promise<MigrationDirectory> => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: await readFile(join(baseDir, name, 'migration.sql'), 'utf8') },
        },
      }),
    ),
  );
  const lock = 'migration_lock.toml';
  return {
    baseDir,
    lockfile: { path: lock, content: await readFile(join(baseDir, lock), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}
