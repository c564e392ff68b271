import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { readInstance } from './instance.ts';
import { readSeconds } from './options.ts';

export type LoadChange = { mode?: 'normal' | 'flash-sale'; ratePerSecond?: number; forSeconds?: number };

const help = `
Usage: npx bellwether load                                  what the shoppers do now
       npx bellwether load [normal|flash-sale] [--for 120s] [--rate N]

  --for   back to normal after this time
  --rate  requests per second in normal mode; a flash sale is five times as many

Exit code 0 when it is done.
`;

/** @throws UsageError when the command line is wrong */
export function parseLoadArgs(args: string[]): LoadChange {
  const { values, positionals } = parseArgs({
    args,
    options: { for: { type: 'string' }, rate: { type: 'string' } },
    allowPositionals: true,
  });
  const [mode, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`unexpected: ${rest.join(' ')}`);
  if (mode !== undefined && mode !== 'normal' && mode !== 'flash-sale') {
    throw new UsageError(`no load is called '${mode}'; there are: normal, flash-sale`);
  }
  const ratePerSecond = values.rate === undefined ? undefined : Number(values.rate);
  if (ratePerSecond !== undefined && !(ratePerSecond > 0 && ratePerSecond <= 1000)) {
    throw new UsageError(`--rate ${values.rate}: expected requests per second, above 0 up to 1000`);
  }
  const forSeconds = readSeconds('--for', values.for, 3600);
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(forSeconds === undefined ? {} : { forSeconds }),
  };
}

async function run(args: string[]): Promise<number> {
  const change = parseLoadArgs(args);
  const url = `${readInstance().shoppersUrl.replace(/\/$/, '')}/load`;
  const asked = Object.keys(change).length > 0;
  const response = await fetch(url, {
    signal: AbortSignal.timeout(5_000),
    ...(asked
      ? { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(change) }
      : { method: 'GET' }),
  }).catch(() => {
    throw new Error('the shoppers do not answer: npx bellwether status');
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the shoppers refused: ${text.slice(0, 300)}`);
  process.stdout.write(`${text}\n`);
  return 0;
}

export const command: Command = { summary: 'see or change what the shoppers do', help, run };
