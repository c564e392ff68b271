import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findFreePort } from '../embedded/free-port.ts';
import { identifyProcess } from '../embedded/processes.ts';
import type { ProcessEvent } from './managed-process.ts';
import { endLeftovers, recordPids, takeLock } from './records.ts';
import type { ProcessSpec } from './spec.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

const fake = path.join(import.meta.dirname, 'fixtures/fake-process.mjs');
let directory: string;
let events: ProcessEvent[];
let supervisor: Supervisor | undefined;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'bellwether-up-'));
  events = [];
});

afterEach(async () => {
  await supervisor?.stop();
  supervisor = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function fakeSpec(name: string, parts: Partial<ProcessSpec> = {}): Promise<ProcessSpec> {
  const port = await findFreePort();
  return {
    name,
    args: [fake],
    address: `http://127.0.0.1:${port}`,
    dependsOn: [],
    uses: [],
    readiness: { kind: 'http', url: `http://127.0.0.1:${port}/readyz` },
    sockets: parts.readiness === undefined ? [{ host: '127.0.0.1', port }] : null,
    standsBack: false,
    ...parts,
    env: { FAKE_NAME: name, FAKE_PORT: String(port), FAKE_JOURNAL: path.join(directory, 'journal'), ...parts.env },
  };
}

function create(specs: ProcessSpec[]): Supervisor {
  supervisor = createSupervisor(specs, {
    cwd: directory,
    logsDir: directory,
    env: {},
    random: Math.random,
    nowMs: Date.now,
    onEvent: (event) => events.push(event),
    onPids: (pids) => recordPids(directory, pids),
  });
  return supervisor;
}

function journal(word: string): { name: string; pid: number }[] {
  const lines = readFileSync(path.join(directory, 'journal'), 'utf8').trim().split('\n');
  return lines
    .map((line) => line.split(' '))
    .filter(([first]) => first === word)
    .map(([, name = '', pid]) => ({ name, pid: Number(pid) }));
}

function stateOf(name: string): string | undefined {
  return supervisor?.view().find((one) => one.name === name)?.state;
}

function pidOf(name: string): number {
  return supervisor?.view().find((one) => one.name === name)?.pid ?? 0;
}

const isAlive = (pid: number): boolean => identifyProcess(pid) !== undefined;

test('starts in the order of dependencies, jobs before their dependants, and stops the other way round', async () => {
  const specs = [
    await fakeSpec('shop', { dependsOn: ['store'], uses: ['collectors'] }),
    await fakeSpec('collectors', { dependsOn: ['migrate'] }),
    await fakeSpec('migrate', { dependsOn: ['store'], readiness: { kind: 'exit' }, env: { FAKE_JOB: '1' } }),
    await fakeSpec('store'),
  ];
  await create(specs).start();
  const started = journal('start').map(({ name }) => name);
  expect(started[0]).toBe('store');
  expect(started.indexOf('migrate')).toBeLessThan(started.indexOf('collectors'));
  expect(stateOf('migrate')).toBe('done');
  await supervisor?.stop();
  expect(journal('stop').map(({ name }) => name)).toEqual(['shop', 'collectors', 'store']);
  expect(journal('start').filter(({ pid }) => isAlive(pid))).toEqual([]);
});

test('a process killed with -9 starts again by itself, and that is said', async () => {
  await create([await fakeSpec('cart')]).start();
  const first = pidOf('cart');
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toEqual(['ready', 'died', 'ready']), 15_000);
  expect(pidOf('cart')).not.toBe(first);
  expect(supervisor?.view()[0]).toMatchObject({ state: 'ready', restarts: 1 });
});

test('a process that fails at first is tried again, with its last words in the message', async () => {
  const failing = path.join(directory, 'failing');
  writeFileSync(failing, '');
  const started = create([await fakeSpec('cart', { env: { FAKE_FAIL_FILE: failing } })]).start();
  await vi.waitFor(() => expect(events).not.toEqual([]), 10_000);
  rmSync(failing);
  await started;
  const died = events.find((event) => event.kind === 'died');
  expect(died).toMatchObject({ exit: { reason: 'exit code 3', lastWords: 'Error: not today' } });
});

test('one that ignores SIGTERM is killed with all that it started, and does not hold up the stop', async () => {
  const spec = await fakeSpec('cart', { env: { FAKE_STUBBORN: '1', FAKE_CHILD: '1' } });
  await create([spec, await fakeSpec('store')]).start();
  await supervisor?.stop();
  const pids = [...journal('start'), ...journal('child')].map(({ pid }) => pid);
  expect(pids).toHaveLength(3);
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 2_000);
});

test('what a process prints is in its log, every line as JSON', async () => {
  await create([await fakeSpec('cart')]).start();
  const read = (): unknown[] =>
    readFileSync(path.join(directory, 'cart.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  await vi.waitFor(() => expect(read()).toMatchObject([{ process: 'cart', msg: 'plain words of cart' }]), 5_000);
});

test('kill holds a process down until its time to live is over, though nobody asks for it back', async () => {
  await create([await fakeSpec('cart')]).start();
  const first = pidOf('cart');
  const outcome = supervisor?.holds.apply({ id: 'f1', kind: 'kill', target: 'cart', ttlSeconds: 2 });
  expect(outcome).toMatchObject({ ok: true, hold: { target: 'cart' } });
  await vi.waitFor(() => expect(isAlive(first)).toBe(false), 2_000);
  expect(stateOf('cart')).toBe('held');
  await vi.waitFor(() => expect(stateOf('cart')).toBe('ready'), 15_000);
  expect(supervisor?.holds.list()).toEqual([]);
});

test('a held process comes back as soon as the fault is undone, and undoing twice is harmless', async () => {
  await create([await fakeSpec('cart')]).start();
  supervisor?.holds.apply({ id: 'f1', kind: 'kill', target: 'cart', ttlSeconds: 900 });
  expect(supervisor?.holds.undo('f1')).toBe(true);
  expect(supervisor?.holds.undo('f1')).toBe(false);
  await vi.waitFor(() => expect(stateOf('cart')).toBe('ready'), 15_000);
  expect(journal('start')).toHaveLength(2);
});

test('crash kills once and lets the process come back at once', async () => {
  await create([await fakeSpec('cart')]).start();
  supervisor?.holds.apply({ id: 'f2', kind: 'crash', target: 'cart', ttlSeconds: 900 });
  await vi.waitFor(() => expect(supervisor?.view()[0]).toMatchObject({ state: 'ready', restarts: 1 }), 15_000);
});

test('a fault on nobody, or on one that is down already, is refused', async () => {
  await create([await fakeSpec('cart')]).start();
  const kill = { id: 'f1', kind: 'kill', target: 'cart', ttlSeconds: 900 } as const;
  expect(supervisor?.holds.apply({ ...kill, target: 'nobody' })).toMatchObject({ ok: false, status: 404 });
  expect(supervisor?.holds.apply(kill)).toMatchObject({ ok: true });
  expect(supervisor?.holds.apply(kill)).toMatchObject({ ok: true });
  expect(supervisor?.holds.apply({ ...kill, id: 'f9' })).toMatchObject({ ok: false, status: 409 });
});

async function startSeparateSupervisor(specs: ProcessSpec[]): Promise<ReturnType<typeof spawn>> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'fixtures/fake-supervisor.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin?.end(JSON.stringify({ specs, directory }));
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child;
}

test('when the supervisor itself is killed with -9, its processes notice and stop gracefully', async () => {
  const child = await startSeparateSupervisor([await fakeSpec('cart'), await fakeSpec('store')]);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(journal('stop')).toHaveLength(2), 10_000);
  // The journal's line is the last that a process does; it ends a moment later.
  await vi.waitFor(() => expect(journal('start').filter(({ pid }) => isAlive(pid))).toEqual([]), 2_000);
});

test('the next start ends what a killed supervisor left behind, even what ignores SIGTERM', async () => {
  const child = await startSeparateSupervisor([await fakeSpec('cart', { env: { FAKE_STUBBORN: '1' } })]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await endLeftovers(directory)).toBe(1);
  expect(journal('start').filter(({ pid }) => isAlive(pid))).toEqual([]);
  expect(await endLeftovers(directory)).toBe(0);
});

test('the lock is held by one, refused to a second with the holder’s pid, and not kept by the dead', async () => {
  const lock = takeLock(directory);
  expect(takeLock(directory)).toEqual({ held: process.pid });
  if ('release' in lock) lock.release();
  const script = `const { takeLock } = await import(${JSON.stringify(path.join(import.meta.dirname, 'records.ts'))});
    takeLock(${JSON.stringify(directory)});`;
  const dead = spawn(process.execPath, ['--input-type=module', '-e', script]);
  await once(dead, 'exit');
  expect(readFileSync(path.join(directory, 'supervisor.lock'), 'utf8')).toContain(String(dead.pid));
  expect(takeLock(directory)).toHaveProperty('release');
});

test('a chain of processes that all ignore SIGTERM does not keep the stores from a graceful stop', async () => {
  const stubborn = { env: { FAKE_STUBBORN: '1' } };
  const specs = [
    await fakeSpec('store'),
    await fakeSpec('catalog', { ...stubborn, dependsOn: ['store'] }),
    await fakeSpec('cart', { ...stubborn, dependsOn: ['catalog'] }),
    await fakeSpec('orders', { ...stubborn, dependsOn: ['cart'] }),
    await fakeSpec('gateway', { ...stubborn, dependsOn: ['orders'] }),
  ];
  await create(specs).start();
  await supervisor?.stop();
  expect(journal('stop').map(({ name }) => name)).toEqual(['store']);
  await vi.waitFor(() => expect(journal('start').filter(({ pid }) => isAlive(pid))).toEqual([]), 10_000);
});

test('a restart loses no request: the successor takes over from the same queue before the old one stops', async () => {
  await create([await fakeSpec('cart')]).start();
  const url = supervisor?.view()[0]?.address ?? '';
  const answers = new Map<string, number>();
  const failures: unknown[] = [];
  let restarting = true;
  const ask = async (): Promise<void> => {
    while (restarting) {
      await fetch(url)
        .then((response) => response.text())
        .then((pid) => answers.set(pid, (answers.get(pid) ?? 0) + 1))
        .catch((error: unknown) => failures.push(error));
    }
  };
  const clients = Array.from({ length: 8 }, ask);
  const pids = [pidOf('cart')];
  for (let round = 0; round < 3; round += 1) {
    expect(await supervisor?.restart('cart', { downtime: false })).toEqual({ ok: true, downSeconds: 0 });
    pids.push(pidOf('cart'));
  }
  await vi.waitFor(() => expect(answers.get(String(pids[3]))).toBeGreaterThan(100), 10_000);
  restarting = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect([...answers.keys()].map(Number)).toEqual(pids);
  expect(journal('drain').map(({ pid }) => pid)).toEqual(pids.slice(0, 3));
  expect(supervisor?.view()[0]).toMatchObject({ state: 'ready', restarts: 0 });
  expect(events.map(({ kind }) => kind)).toEqual(['ready', 'replaced', 'replaced', 'replaced']);
});

test('a successor that does not come up is refused, and the old one goes on', async () => {
  const failing = path.join(directory, 'failing');
  await create([await fakeSpec('cart', { env: { FAKE_FAIL_FILE: failing } })]).start();
  const first = pidOf('cart');
  writeFileSync(failing, '');
  const outcome = await supervisor?.restart('cart', { downtime: false });
  expect(outcome).toMatchObject({ ok: false, status: 500, reason: expect.stringContaining('Error: not today') });
  expect(pidOf('cart')).toBe(first);
  expect(stateOf('cart')).toBe('ready');
  expect(journal('drain')).toEqual([]);
});

test('one that cannot run twice is restarted only when its downtime is accepted, and says how long it was', async () => {
  await create([await fakeSpec('store', { sockets: null })]).start();
  const first = pidOf('store');
  expect(await supervisor?.restart('store', { downtime: false })).toMatchObject({ ok: false, status: 409 });
  expect(pidOf('store')).toBe(first);
  const outcome = await supervisor?.restart('store', { downtime: true });
  expect(outcome).toMatchObject({ ok: true, downSeconds: expect.any(Number) });
  expect(pidOf('store')).not.toBe(first);
  expect(supervisor?.view()[0]).toMatchObject({ state: 'ready', restarts: 0 });
});

test('a process held down while its successor starts stays down, both of them', async () => {
  await create([await fakeSpec('cart')]).start();
  const restarting = supervisor?.restart('cart', { downtime: false });
  supervisor?.holds.apply({ id: 'f1', kind: 'kill', target: 'cart', ttlSeconds: 900 });
  expect(await restarting).toMatchObject({ ok: false });
  expect(stateOf('cart')).toBe('held');
  await vi.waitFor(() => expect(journal('start').filter(({ pid }) => isAlive(pid))).toEqual([]), 2_000);
});

test('nobody is kept waiting by the socket of a dead process', async () => {
  await create([await fakeSpec('cart')]).start();
  const url = supervisor?.view()[0]?.address ?? '';
  supervisor?.holds.apply({ id: 'f1', kind: 'kill', target: 'cart', ttlSeconds: 900 });
  await vi.waitFor(() => expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } }), 5_000);
});
