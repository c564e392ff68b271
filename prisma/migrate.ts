import { createLogger } from '#process/logger';
import { runMain } from '#process/shutdown';
import { applyMigrations } from './apply.ts';
import { readEnv } from './env.ts';

runMain('prisma migrate', async () => {
  const logger = createLogger('migrate');
  const applied = await applyMigrations(readEnv());
  logger.info({ applied }, applied.length > 0 ? 'control database migrated' : 'control database is up to date');
  // The schema engine leaves a ten-second timer of its own behind; dependants wait for this process to end.
  process.exit(0);
});
