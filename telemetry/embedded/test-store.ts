import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '#cli/embedded/free-port';
import { createTelemetryClient, ensureDatabase, type TelemetryClient } from '#telemetry/client';
import { migrate } from '#telemetry/migrations';

export type TestStore = {
  url: string;
  dataDir: string;
  client: TelemetryClient;
  /** Ends the store at once, as `kill -9` does, and waits until it is gone. */
  kill: () => Promise<void>;
  /** Starts it again on the same data and port. */
  restart: () => Promise<void>;
  /** Stops it gracefully and removes its data. */
  stop: () => Promise<void>;
};

/** The embedded store with its schema, in a process and a temporary directory of its own, on a free port of loopback. */
export async function startTestStore(): Promise<TestStore> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bellwether-store-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  let child = await launch(port, dataDir);
  await ensureDatabase(url);
  const client = createTelemetryClient({ url, lane: 'admin' });
  await migrate(client);
  return {
    url,
    dataDir,
    client,
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      child = await launch(port, dataDir);
    },
    stop: async () => {
      await client.close();
      await end(child, 'SIGTERM');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, dataDir: string): Promise<ChildProcess> {
  // A test run that is killed must not leave its store behind.
  const watch = join(import.meta.dirname, '../../cli/up/parent-watch.mjs');
  const child = spawn(process.execPath, ['--import', watch, join(import.meta.dirname, 'main.ts')], {
    env: { NODE_ENV: 'test', CLICKHOUSE_PORT: String(port), CLICKHOUSE_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the store did not start: ${said}`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return child;
    await delay(50);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
