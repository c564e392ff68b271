import { parseArgs } from 'node:util';
import { PgBoss } from 'pg-boss';
import { type Command, UsageError } from './command.ts';
import { readInstance } from './instance.ts';

const help = `
Usage: npx bellwether dlq list [--queue NAME] [--json]     events that could not be dealt with, oldest first
       npx bellwether dlq show ID [--json]                 one of them, with its payload and the reason
       npx bellwether dlq replay ID…                       hands them to their consumer again
       npx bellwether dlq replay --queue NAME              all of a consumer's

Consumers deal with an event once, however often it comes. What fails again comes back here.

  --queue  the consumer's queue, such as cart.order.confirmed
  --json   for other programs

Exit codes: 0 done, 1 there is no such event or the bus does not answer, 2 wrong usage.
`;

/** Ends the name of a queue for what its consumer could not deal with. */
const suffix = '.dead';

/** Most events that are listed, or replayed at once. */
const limit = 1_000;

export type DeadLetter = {
  id: string;
  queue: string;
  /** Why the last try failed. */
  reason: string;
  attempts: number;
  /** When it was given up. */
  at: string;
  event: unknown;
};

type Request =
  | { kind: 'list'; queue: string | undefined; json: boolean }
  | { kind: 'show'; id: string; json: boolean }
  | { kind: 'replay'; ids: string[]; queue: string | undefined };

/** @throws UsageError when the command line is wrong */
export function parseDlqArgs(args: string[]): Request {
  const options = { queue: { type: 'string' }, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb = 'list', ...ids] = positionals;
  const { queue, json } = values;
  if (verb === 'list' && ids.length === 0) return { kind: 'list', queue, json };
  const [id] = ids;
  if (verb === 'show' && id !== undefined && ids.length === 1) return { kind: 'show', id, json };
  if (verb === 'replay' && ids.length > 0 !== (queue !== undefined)) return { kind: 'replay', ids, queue };
  throw new UsageError('expected list, show ID, replay ID… or replay --queue NAME');
}

async function run(args: string[]): Promise<number> {
  const request = parseDlqArgs(args);
  const boss = new PgBoss({
    connectionString: readInstance().busUrl,
    application_name: 'bellwether-dlq',
    max: 1,
    // The services look after the bus; here it is only read and moved.
    ...{ migrate: false, supervise: false, schedule: false, registerInstance: false },
  });
  boss.on('error', () => {});
  await boss.start();
  try {
    return await answer(boss, request);
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function answer(boss: PgBoss, request: Request): Promise<number> {
  if (request.kind === 'replay') return replay(boss, request);
  const letters = await readLetters(boss, request.kind === 'list' ? request.queue : undefined);
  if (request.kind === 'list') {
    process.stdout.write(request.json ? `${JSON.stringify(letters, null, 2)}\n` : formatList(letters));
    return 0;
  }
  const letter = letters.find(({ id }) => id === request.id);
  if (letter === undefined) throw new Error(`there is no event ${request.id}: npx bellwether dlq list`);
  process.stdout.write(request.json ? `${JSON.stringify(letter, null, 2)}\n` : formatLetter(letter));
  return 0;
}

async function replay(boss: PgBoss, { ids, queue }: { ids: string[]; queue: string | undefined }): Promise<number> {
  if (queue !== undefined) {
    const known = await listQueues(boss);
    if (!known.includes(queue)) throw new Error(`no queue is called '${queue}'; there are: ${known.join(', ')}`);
    const moved = await boss.redrive(`${queue}${suffix}`, { limit, destination: queue });
    process.stdout.write(`${moved} replayed to ${queue}\n`);
    return 0;
  }
  const letters = await readLetters(boss, undefined);
  const unknown = ids.filter((id) => !letters.some((letter) => letter.id === id));
  // All or nothing: who mistypes one of them would not know which were replayed.
  if (unknown.length > 0) throw new Error(`nothing was replayed: there is no event ${unknown.join(', ')}`);
  for (const [name, group] of Map.groupBy(letters, (letter) => letter.queue)) {
    const chosen = group.map(({ id }) => id).filter((id) => ids.includes(id));
    if (chosen.length === 0) continue;
    const moved = await boss.redrive(`${name}${suffix}`, { ids: chosen, destination: name });
    process.stdout.write(`${moved} replayed to ${name}\n`);
  }
  return 0;
}

async function listQueues(boss: PgBoss): Promise<string[]> {
  const queues = await boss.getQueues();
  const names = queues.map(({ name }) => name).filter((name) => name.endsWith(suffix));
  return names.map((name) => name.slice(0, -suffix.length)).sort();
}

async function readLetters(boss: PgBoss, queue: string | undefined): Promise<DeadLetter[]> {
  const known = await listQueues(boss);
  if (queue !== undefined && !known.includes(queue)) {
    throw new Error(`no queue is called '${queue}'; there are: ${known.join(', ')}`);
  }
  const found: DeadLetter[] = [];
  for (const name of queue === undefined ? known : [queue]) {
    const jobs = await boss.findJobs<unknown>(`${name}${suffix}`, { queued: true, limit });
    for (const job of jobs) {
      const attempts = (job.sourceRetryCount ?? 0) + 1;
      const reason = readReason(job.sourceOutput ?? job.output);
      found.push({ id: job.id, queue: name, reason, attempts, at: job.createdOn.toISOString(), event: job.data });
    }
  }
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}

function readReason(output: unknown): string {
  if (typeof output !== 'object' || output === null) return 'unknown';
  const { reason, message } = output as { reason?: unknown; message?: unknown };
  return String(reason ?? message ?? JSON.stringify(output));
}

function formatList(letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return 'No event waits: all were dealt with.\n';
  const lines = letters.map(({ id, queue, reason, attempts, at }) => {
    const words = reason.split('\n')[0]?.slice(0, 80);
    return `${id}  ${at}  ${queue}  ${attempts} ${attempts === 1 ? 'try' : 'tries'}  ${words}`;
  });
  return `${lines.join('\n')}\n`;
}

function formatLetter({ id, queue, reason, attempts, at, event }: DeadLetter): string {
  const head = `${id}\nqueue     ${queue}\ngiven up  ${at}\ntries     ${attempts}\nreason    ${reason}\n`;
  return `${head}\n${JSON.stringify(event, null, 2)}\n`;
}

export const command: Command = { summary: 'see and replay the events that could not be dealt with', help, run };
