import { existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { readCliEnv } from './env.ts';
import { endLeftovers, takeLock } from './up/records.ts';

export const command: Command = {
  summary: 'Remove all data, logs and secrets of this clone (npm run reset)',
  help: `
Usage: npm run reset [-- --yes]

  --yes   do not ask

Removes .data/ (or BELLWETHER_DATA_DIR). Refuses while Bellwether is running.
Exit codes: 0 removed, 1 refused or declined.`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { yes: { type: 'boolean' } } });
    const { dataDir } = readCliEnv();
    if (!existsSync(dataDir)) {
      process.stdout.write(`There is no ${dataDir}: nothing to remove.\n`);
      return 0;
    }
    const lock = takeLock(dataDir);
    if ('held' in lock) throw new Error(`Bellwether is running here (process ${lock.held}): stop it first`);
    try {
      if (!values.yes && !(await confirm(dataDir))) {
        process.stdout.write('Nothing was removed.\n');
        return 1;
      }
      await endLeftovers(dataDir);
      rmSync(dataDir, { recursive: true, force: true });
      process.stdout.write(`Removed ${dataDir}.\n`);
      return 0;
    } finally {
      lock.release();
    }
  },
};

async function confirm(dataDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('there is no terminal to ask on: npm run reset -- --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Remove ${dataDir} with all telemetry, orders, faults and secrets? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
