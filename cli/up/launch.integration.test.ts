import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { launch, type RunningProcess } from './launch.ts';
import { openLogFile } from './log-file.ts';
import type { ProcessSpec } from './spec.ts';
import { keepStandingBack } from './stand-back.ts';

let directory: string;
const started: RunningProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'bellwether-launch-'));
});

afterAll(async () => {
  for (const { kill, exited } of started) {
    kill();
    await exited;
  }
  rmSync(directory, { recursive: true, force: true });
});

function start(name: string, standsBack: boolean): RunningProcess {
  const spec: ProcessSpec = {
    ...{ name, standsBack, args: ['--eval', 'setInterval(() => undefined, 1_000)'], env: {}, address: '' },
    ...{ dependsOn: [], uses: [], readiness: { kind: 'exit' }, sockets: null },
  };
  const log = openLogFile(path.join(directory, `${name}.log`), name);
  const running = launch(spec, { cwd: directory, env: {}, log, sockets: [] });
  started.push(running);
  return running;
}

test('who is told to stand back does, also as the leader of a session; the others do not', () => {
  const [watcher, watched] = [start('watcher', true), start('watched', false)];
  expect([getPriority(watcher.pid), getPriority(watched.pid)]).toEqual([3, getPriority()]);
  // Where Linux knows no groups of sessions there is no such file, and priorities alone count.
  if (!existsSync('/proc/self/autogroup')) return;
  expect(readFileSync(`/proc/${watcher.pid}/autogroup`, 'utf8')).toMatch(/nice 3$/m);
  expect(readFileSync(`/proc/${watched.pid}/autogroup`, 'utf8')).toMatch(/nice 0$/m);
});

test.runIf(existsSync('/proc/self/autogroup'))(
  'who stands back goes further back while there is processor to spare, and comes forward when there is none',
  async () => {
    const [watcher, watched] = [start('watcher', true), start('watched', false)];
    const groupOf = ({ pid }: RunningProcess): string => readFileSync(`/proc/${pid}/autogroup`, 'utf8');
    const times = { idle: 0, all: 0, idleShare: 0.5 };
    const stop = keepStandingBack({
      specs: [
        { name: 'watcher', standsBack: true },
        { name: 'watched', standsBack: false },
      ],
      view: () => [
        { name: 'watcher', pid: watcher.pid },
        { name: 'watched', pid: watched.pid },
        { name: 'unborn', pid: null },
      ],
      readTimes: () => {
        times.all += 1_000;
        times.idle += 1_000 * times.idleShare;
        return { ...times };
      },
      everyMs: 150,
    });
    try {
      await vi.waitFor(() => expect(groupOf(watcher)).toMatch(/nice 19$/m), { timeout: 15_000, interval: 50 });
      times.idleShare = 0.05;
      await vi.waitFor(() => expect(groupOf(watcher)).toMatch(/nice 3$/m), { timeout: 15_000, interval: 50 });
      expect(groupOf(watched)).toMatch(/nice 0$/m);
    } finally {
      stop();
    }
  },
);
