import { parseArgs } from 'node:util';
import type { DeadLetter, DeadLetters } from '#process/bus/dead-letters';
import { openDeadLetters } from '#process/bus/open';
import { createLogger } from '#process/logger';
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
  const { busUrl, kafkaBrokers } = readInstance();
  const logger = createLogger('dlq');
  logger.level = 'silent';
  const env = { BUS_URL: busUrl, KAFKA_BROKERS: kafkaBrokers };
  const letters = await openDeadLetters(env, { name: 'bellwether-dlq', logger });
  try {
    return await answer(letters, request);
  } finally {
    await letters.stop();
  }
}

async function answer(letters: DeadLetters, request: Request): Promise<number> {
  if (request.kind === 'replay') return replay(letters, request);
  const found = await readLetters(letters, request.kind === 'list' ? request.queue : undefined);
  if (request.kind === 'list') {
    process.stdout.write(request.json ? `${JSON.stringify(found, null, 2)}\n` : formatList(found));
    return 0;
  }
  const letter = found.find(({ id }) => id === request.id);
  if (letter === undefined) throw new Error(`there is no event ${request.id}: npx bellwether dlq list`);
  process.stdout.write(request.json ? `${JSON.stringify(letter, null, 2)}\n` : formatLetter(letter));
  return 0;
}

async function replay(
  letters: DeadLetters,
  { ids, queue }: { ids: string[]; queue: string | undefined },
): Promise<number> {
  const found = await readLetters(letters, queue);
  const unknown = ids.filter((id) => !found.some((letter) => letter.id === id));
  // All or nothing: who mistypes one of them would not know which were replayed.
  if (unknown.length > 0) throw new Error(`nothing was replayed: there is no event ${unknown.join(', ')}`);
  const chosen = queue === undefined ? found.filter(({ id }) => ids.includes(id)) : found;
  if (chosen.length === 0) process.stdout.write(`0 replayed to ${queue}\n`);
  for (const [name, group] of Map.groupBy(chosen, (letter) => letter.queue)) {
    process.stdout.write(`${await letters.replay(group)} replayed to ${name}\n`);
  }
  return 0;
}

async function readLetters(letters: DeadLetters, queue: string | undefined): Promise<DeadLetter[]> {
  if (queue !== undefined) {
    const known = await letters.queues();
    if (!known.includes(queue)) throw new Error(`no queue is called '${queue}'; there are: ${known.join(', ')}`);
  }
  return letters.list(queue);
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
