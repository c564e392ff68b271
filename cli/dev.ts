import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { run } from './up/run.ts';

export const command: Command = {
  summary: 'Like up, with console and storefront compiled as they are edited (npm run dev)',
  help: `
Usage: npm run dev

Runs everything as npm start does, except that the console reloads what changes under app/, and the storefront what
changes under services/storefront/. The other processes keep running what they were started with. Same variables and exit codes as: npx bellwether up --help`,
  run: async (args) => {
    parseArgs({ args, options: {} });
    return run('dev');
  },
};
