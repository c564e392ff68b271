import { parseArgs } from 'node:util';
import type { Client } from 'pg';
import { type FaultParams, maxTtlSeconds } from '#chaos/contract';
import { adjustParams, catalogue, findFault } from '#chaos/faults/catalogue';
import { askChaos, withControl } from './chaos-client.ts';
import { type Command, UsageError } from './command.ts';
import { readDurationMs, readSeconds } from './options.ts';

export type FaultAction =
  | { action: 'start'; name: string; ttlSeconds: number; params: FaultParams }
  | { action: 'stop'; id: string }
  | { action: 'stop-all'; hold: boolean }
  | { action: 'release' }
  | { action: 'list'; json: boolean };

const help = `
Usage: npx bellwether fault start <name> --ttl 120s [--share 0.5] [--status 503] [--latency 800ms] [--jitter 100ms]
       npx bellwether fault stop <id>      an id, its beginning, or the fault's name
       npx bellwether fault stop --all     undo every fault and cancel every drill
             [--hold]                      and let nothing be injected until: npx bellwether fault release
       npx bellwether fault list [--json]

  --ttl      the fault is gone after this time whatever happens; mandatory, ${maxTtlSeconds / 60} minutes at most
  --share    share of requests that it touches, above 0 up to 1
  --status   HTTP status of an injected error
  --latency  mean of the added delay; --jitter is its standard deviation

Faults: ${catalogue.map(({ name }) => name).join(', ')}
Exit code 0 when it is done.
`;

const options = {
  ttl: { type: 'string' },
  share: { type: 'string' },
  status: { type: 'string' },
  latency: { type: 'string' },
  jitter: { type: 'string' },
  all: { type: 'boolean' },
  hold: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** @throws UsageError when the command line is wrong, Error for an unknown fault */
export function parseFaultArgs(args: string[]): FaultAction {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [action, name, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`unexpected: ${rest.join(' ')}`);
  switch (action) {
    case 'start':
      return parseStart(name, values);
    case 'stop':
      if (values.all === true) return { action: 'stop-all', hold: values.hold === true };
      if (name === undefined) throw new UsageError('stop what? an id from `fault list`, or --all');
      return { action: 'stop', id: name };
    case 'release':
      return { action: 'release' };
    case 'list':
      return { action: 'list', json: values.json === true };
    default:
      throw new UsageError('expected start, stop, list or release');
  }
}

type StartValues = Partial<Record<'ttl' | 'share' | 'status' | 'latency' | 'jitter', string>>;

function parseStart(name: string | undefined, values: StartValues): FaultAction {
  if (name === undefined) throw new UsageError('start what? expected the name of a fault');
  const fault = findFault(name);
  const ttlSeconds = readSeconds('--ttl', values.ttl, maxTtlSeconds);
  if (ttlSeconds === undefined) throw new UsageError('--ttl is mandatory, e.g. --ttl 120s');
  const params: FaultParams = {
    share: readNumber('--share', values.share, (share) => share > 0 && share <= 1, 'a number above 0 up to 1'),
    status: readNumber('--status', values.status, (code) => code >= 400 && code <= 599, 'a status from 400 to 599'),
    latencyMs: readDurationMs('--latency', values.latency, 60),
    jitterMs: readDurationMs('--jitter', values.jitter, 60),
  };
  adjustParams(fault, params);
  return { action: 'start', name, ttlSeconds, params };
}

function readNumber(
  option: string,
  value: string | undefined,
  isValid: (value: number) => boolean,
  expected: string,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (isValid(number)) return number;
  throw new UsageError(`${option} ${value}: expected ${expected}`);
}

type InjectionRow = {
  id: string;
  name: string;
  kind: string;
  target: string;
  params: FaultParams;
  state: string;
  author: string;
  injectedAt: Date | null;
  expiresAt: Date;
};

async function listOpen(client: Client): Promise<InjectionRow[]> {
  const { rows } = await client.query<InjectionRow>(
    `SELECT id, name, kind, target, params, state, author, "injectedAt", "expiresAt" FROM chaos."Injection"
     WHERE state IN ('intended', 'active') ORDER BY "createdAt"`,
  );
  return rows;
}

async function findOpen(client: Client, wanted: string): Promise<InjectionRow> {
  const open = await listOpen(client);
  const matches = open.filter(({ id, name }) => id.startsWith(wanted) || name === wanted);
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  if (matches.length > 1) throw new Error(`'${wanted}' fits ${matches.length} faults: npx bellwether fault list`);
  const names = open.map(({ id, name }) => `${id.slice(0, 8)} (${name})`).join(', ');
  throw new Error(`no fault '${wanted}' is in force${open.length > 0 ? `; in force: ${names}` : ''}`);
}

async function run(args: string[]): Promise<number> {
  const request = parseFaultArgs(args);
  return withControl(async (client) => {
    switch (request.action) {
      case 'start': {
        const { name, ttlSeconds, params } = request;
        const id = await askChaos(client, 'start', { name, ttlSeconds, ...params });
        print(`${name} is in force for ${ttlSeconds} s at most: ${id}`);
        print(`undo it with: npx bellwether fault stop ${id.slice(0, 8)}`);
        break;
      }
      case 'stop': {
        const { id, name } = await findOpen(client, request.id);
        await askChaos(client, 'stop', { injectionId: id });
        print(`${name} is undone`);
        break;
      }
      case 'stop-all': {
        await askChaos(client, 'stop-all', { hold: request.hold });
        print(
          `every fault is undone${request.hold ? '; nothing may be injected until: npx bellwether fault release' : ''}`,
        );
        break;
      }
      case 'release': {
        await askChaos(client, 'release', {});
        print('the global stop is released');
        break;
      }
      case 'list':
        await printList(client, request.json);
    }
    return 0;
  });
}

async function printList(client: Client, json: boolean): Promise<void> {
  const open = await listOpen(client);
  if (json) return print(JSON.stringify(open, null, 2));
  const stop = await client.query<{ pulledBy: string }>(
    `SELECT "pulledBy" FROM chaos."GlobalStop" WHERE "pulledAt" IS NOT NULL`,
  );
  if (stop.rows[0])
    print(`The global stop is pulled by ${stop.rows[0].pulledBy}; release: npx bellwether fault release`);
  if (open.length === 0)
    return print('No fault is in force. Start one: npx bellwether fault start payments-errors --ttl 120s');
  for (const { id, name, params, state, author, expiresAt } of open) {
    const left = Math.max(0, Math.ceil((expiresAt.getTime() - Date.now()) / 1000));
    print(
      `${id.slice(0, 8)}  ${name.padEnd(18)} ${state.padEnd(8)} ${`${left} s left`.padEnd(11)} ${formatParams(params)}  by ${author}`,
    );
  }
}

function formatParams(params: FaultParams): string {
  return Object.entries(params)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export const command: Command = { summary: 'inject a fault into the shop, undo it, list those in force', help, run };
