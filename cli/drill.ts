import { parseArgs } from 'node:util';
import { maxTtlSeconds } from '#chaos/contract';
import { drills, findDrill, resolveTimes } from '#chaos/drills/catalogue';
import { withControl } from './chaos-client.ts';
import { type Command, UsageError } from './command.ts';
import { followDrill, type Interrupt, narrate, waitForCalm } from './drill-follow.ts';
import { type DrillReport, formatReport, isPassed } from './drill-report.ts';
import { readSeconds } from './options.ts';

export type DrillRequest = {
  name: string;
  limitSeconds: number | undefined;
  ttlSeconds: number | undefined;
  repeat: number;
  json: boolean;
};

const help = `
Usage: npx bellwether drill <name> [--limit 60s] [--ttl 120s] [--repeat N] [--json]

${drills.map(({ name, description }) => `  ${name.padEnd(18)} ${description}`).join('\n')}

  --limit   longest acceptable time from the injection to the accepted page; for quiet, how long to listen (15m)
  --ttl     the fault is gone after this time whatever happens, ${maxTtlSeconds / 60} minutes at most
  --repeat  run it this many times, each once the last page has resolved
  --json    print an array with verdict, seconds, stages (ISO 8601 UTC) and page of each

Ctrl-C cancels the drill and undoes its fault.
Exit code 0 only when every drill ended in hit or silent.
`;

/** @throws UsageError when the command line is wrong */
export function parseDrillArgs(args: string[]): DrillRequest {
  const { values, positionals } = parseArgs({
    args,
    options: {
      limit: { type: 'string' },
      ttl: { type: 'string' },
      repeat: { type: 'string' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  const names = drills.map((drill) => drill.name).join(', ');
  if (name === undefined) throw new UsageError(`which drill? there are: ${names}`);
  if (rest.length > 0) throw new UsageError(`unexpected: ${rest.join(' ')}`);
  const repeat = Number(values.repeat ?? 1);
  if (!Number.isInteger(repeat) || repeat < 1 || repeat > 100) {
    throw new UsageError(`--repeat ${values.repeat}: expected a whole number from 1 to 100`);
  }
  const times = {
    limitSeconds: readSeconds('--limit', values.limit, maxTtlSeconds),
    ttlSeconds: readSeconds('--ttl', values.ttl, maxTtlSeconds),
  };
  try {
    resolveTimes(findDrill(name), times);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  return { name, ...times, repeat, json: values.json === true };
}

async function run(args: string[]): Promise<number> {
  const request = parseDrillArgs(args);
  const interrupt: Interrupt = { interrupted: false };
  const onSignal = (): void => {
    interrupt.interrupted = true;
    narrate('cancelling: the fault is being undone');
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const reports: DrillReport[] = [];
  await withControl(async (client) => {
    for (let round = 1; round <= request.repeat && !interrupt.interrupted; round += 1) {
      if (round > 1) await waitForCalm(client, interrupt);
      if (interrupt.interrupted) break;
      if (request.repeat > 1) narrate(`${request.name}: ${round} of ${request.repeat}`);
      const report = await followDrill(client, request, interrupt);
      reports.push(report);
      if (!request.json) process.stdout.write(`${formatReport(report)}\n`);
      if (report.verdict === 'refused') break;
    }
  }).finally(() => process.off('SIGINT', onSignal).off('SIGTERM', onSignal));
  if (request.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
  if (interrupt.interrupted) return 130;
  return reports.length === request.repeat && reports.every(isPassed) ? 0 : 1;
}

export const command: Command = { summary: 'break something on purpose and time the page', help, run };
