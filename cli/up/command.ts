import { parseArgs } from 'node:util';
import type { Command } from '../command.ts';
import { run } from './run.ts';

export const command: Command = {
  summary: 'Run everything until Ctrl-C (npm start)',
  help: `
Usage: npm start

Generates and builds what changed since the last time, then starts every process as soon as what it depends on is
ready, and keeps it running. Ctrl-C (SIGINT) or SIGTERM stops all of them within ten seconds.

  BELLWETHER_PORT_OFFSET   added to every default port: two clones side by side
  <PROCESS>_PORT           moves one process, e.g. APP_PORT, COLLECTORS_PORT
  BELLWETHER_DATA_DIR      where data and logs are kept (.data)
  BELLWETHER_HOST          address of console, collectors, gateway and storefront (127.0.0.1)
  BELLWETHER_ADMIN_PASSWORD  required as soon as BELLWETHER_HOST is not a loopback address
  BELLWETHER_WEBHOOK_URL   every page is sent there as well
  CHAOS_ENABLED            true (the demo) or false

Exit codes: 0 stopped as told, 1 did not start.`,
  run: async (args) => {
    parseArgs({ args, options: {} });
    return run('start');
  },
};
