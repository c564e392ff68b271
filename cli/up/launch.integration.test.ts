import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, type RunningProcess } from './launch.ts';
import { openLogFile } from './log-file.ts';
import type { ProcessSpec } from './spec.ts';

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

function start(name: string, niceness: number): RunningProcess {
  const spec: ProcessSpec = {
    ...{ name, niceness, args: ['--eval', 'setInterval(() => undefined, 1_000)'], env: {}, address: '' },
    ...{ dependsOn: [], uses: [], readiness: { kind: 'exit' }, sockets: null },
  };
  const log = openLogFile(path.join(directory, `${name}.log`), name);
  const running = launch(spec, { cwd: directory, env: {}, log, sockets: [] });
  started.push(running);
  return running;
}

test('who is told to stand back does, also as the leader of a session; the others do not', () => {
  const [watcher, watched] = [start('watcher', 5), start('watched', 0)];
  expect([getPriority(watcher.pid), getPriority(watched.pid)]).toEqual([5, getPriority()]);
  // Where Linux knows no groups of sessions there is no such file, and priorities alone count.
  if (!existsSync('/proc/self/autogroup')) return;
  expect(readFileSync(`/proc/${watcher.pid}/autogroup`, 'utf8')).toMatch(/nice 5$/m);
  expect(readFileSync(`/proc/${watched.pid}/autogroup`, 'utf8')).toMatch(/nice 0$/m);
});
