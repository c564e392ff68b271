import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from './free-port.ts';

export type TestRedis = {
  url: string;
  /** Stops it in the middle of whatever it does (SIGSTOP): connections stay, nothing is answered. */
  hang: () => void;
  resume: () => void;
  /** Ends it at once (SIGKILL); what it had is lost. */
  kill: () => Promise<void>;
  /** Starts it again after `kill`, empty, on the same port. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * A real Redis of the machine (`redis-server` in the PATH) on a free port of loopback, for one test file.
 * @throws Error when there is none, or with its own words when it does not come up
 */
export async function startTestRedis(): Promise<TestRedis> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bellwether-redis-'));
  const port = await findFreePort();
  let child = await launch(port, directory);
  // A test run that ends without stopping (a thrown error, a `process.exit`) must not leave a server behind.
  const abandon = (): void => void child.kill('SIGKILL');
  process.once('exit', abandon);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    restart: async () => {
      child = await launch(port, directory);
    },
    stop: async () => {
      process.off('exit', abandon);
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, directory: string): Promise<ChildProcess> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', [...settings, '--dir', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new Error('redis-server cannot be run: is it installed?', { cause: error })));
    child.once('exit', () => reject(new Error(`Redis did not start: ${lines.slice(-5).join(' | ')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  return child;
}
