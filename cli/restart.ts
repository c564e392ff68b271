import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Command, UsageError } from './command.ts';
import { readInstance } from './instance.ts';
import { fetchStatus } from './status.ts';

const help = `
Usage: npx bellwether restart <process>... [--downtime]
       npx bellwether restart --shop

Replaces processes one after the other without a request lost: the successor starts and becomes ready while the old one
serves, takes over from the same queue of connections, and the old one finishes what it has begun. A successor that does
not come up changes nothing.

  --shop      every process that can be replaced so
  --downtime  also a process of which only one can run (a store, the collectors); says for how long it was away

Exit code 0 when all are replaced.
`;

const outcomeSchema = z.object({ downSeconds: z.number().optional(), error: z.string().optional() });

export const command: Command = {
  summary: 'Restart processes, those of the shop without a request lost',
  help,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      options: { shop: { type: 'boolean' }, downtime: { type: 'boolean' } },
      allowPositionals: true,
    });
    if ((values.shop ?? false) === positionals.length > 0)
      throw new UsageError('expected names of processes, or --shop');
    const names = values.shop ? await findReplaceable() : positionals;
    for (const name of names) {
      const seconds = await restartProcess(name, { downtime: values.downtime ?? false });
      const how = seconds === 0 ? 'replaced, nothing lost' : `back after ${seconds.toFixed(1)} s without it`;
      process.stdout.write(`${name}: ${how}\n`);
    }
    return 0;
  },
};

/** Names of the processes that can be replaced while they serve. */
export async function findReplaceable(): Promise<string[]> {
  const { processes } = await fetchStatus();
  return processes.filter(({ replaceable }) => replaceable).map(({ name }) => name);
}

/**
 * Restarts one process of the running instance.
 * @param downtime also when nobody can answer in its place meanwhile
 * @returns for how many seconds nobody answered
 * @throws Error with the supervisor's reason
 */
export async function restartProcess(name: string, { downtime }: { downtime: boolean }): Promise<number> {
  const { supervisorUrl, supervisorToken } = readInstance();
  const response = await fetch(`${supervisorUrl}/restart/${encodeURIComponent(name)}?downtime=${downtime}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${supervisorToken}` },
    signal: AbortSignal.timeout(150_000),
  });
  const outcome = outcomeSchema.parse(await response.json());
  if (outcome.downSeconds === undefined) throw new Error(outcome.error ?? `the supervisor answered ${response.status}`);
  return outcome.downSeconds;
}
