import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { trySignal } from '../embedded/processes.ts';
import type { LogFile } from './log-file.ts';
import type { Socket } from './sockets.ts';
import type { ProcessSpec } from './spec.ts';
import { standBack } from './stand-back.ts';

export type Exit = {
  /** In words: `exit code 1`, `SIGKILL`. */
  reason: string;
  succeeded: boolean;
  /** The last thing it said on standard error; empty when nothing. */
  lastWords: string;
};

export type RunningProcess = {
  pid: number;
  /** It has said that it is ready (`process.send('ready')`); never settles for those that do not say. */
  saidReady: Promise<void>;
  exited: Promise<Exit>;
  /** To the process alone, as a graceful stop wants it. */
  signal: (signal: NodeJS.Signals) => void;
  /** SIGKILL to the process and to all that it started. */
  kill: () => void;
};

export type LaunchOptions = {
  cwd: string;
  env: Record<string, string | undefined>;
  log: LogFile;
  /** Inherited from file descriptor 3 on. */
  sockets: readonly Socket[];
};

const parentWatch = pathToFileURL(path.join(import.meta.dirname, 'parent-watch.mjs')).href;

/**
 * Starts a process of the plan in a process group of its own: Ctrl-C in the terminal must reach the supervisor only,
 * which stops the others in order.
 */
export function launch(spec: ProcessSpec, { cwd, env, log, sockets }: LaunchOptions): RunningProcess {
  // Said also where there are none: the supervisor may have been given some itself.
  const environment: Record<string, string | undefined> = { ...env, ...spec.env, LISTEN_FDS: String(sockets.length) };
  const child = spawn(process.execPath, ['--import', parentWatch, ...spec.args], {
    cwd,
    env: environment as NodeJS.ProcessEnv,
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      ...sockets.map(({ fd }) => fd),
      ...(spec.sockets === null ? [] : ['ipc' as const]),
    ],
    detached: true,
  });
  const pid = child.pid ?? 0;
  if (pid > 0 && spec.standsBack) standBack(pid);
  return {
    pid,
    saidReady: new Promise((resolve) => child.on('message', (message) => message === 'ready' && resolve())),
    exited: watchExit(child, log),
    signal: (signal) => {
      child.kill(signal);
    },
    kill: () => {
      if (pid > 0 && child.exitCode === null && child.signalCode === null) trySignal(-pid, 'SIGKILL');
    },
  };
}

/** Of what a process says before it dies, the line that names the error; stack frames and the rest are in the log. */
function chooseWords(sofar: string, line: string): string {
  const isError = /^[\w ]*(error|exception)\b/i;
  if (isError.test(line)) return line;
  return /^\S.*\w{3}/.test(line) && !/^(\{|Node\.js v|\(|file:)/.test(line) && !isError.test(sofar) ? line : sofar;
}

function watchExit(child: ChildProcess, log: LogFile): Promise<Exit> {
  let lastWords = '';
  const capture = (stream: 'stdout' | 'stderr'): void => {
    const input = child[stream];
    if (input === null) return;
    createInterface({ input }).on('line', (line) => {
      log.write(line, stream);
      if (stream === 'stderr') lastWords = chooseWords(lastWords, line);
    });
  };
  capture('stdout');
  capture('stderr');
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ reason: error.message, succeeded: false, lastWords }));
    // `exit`, not `close`: a grandchild that keeps the pipe open must not hide that the process is dead.
    child.once('exit', (code, signal) => {
      setImmediate(() => {
        resolve({ reason: signal ?? `exit code ${code}`, succeeded: code === 0, lastWords: lastWords.slice(0, 300) });
      });
    });
  });
}
