import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '#cli/embedded/free-port';

/** A receiver under measurement. `metricsUrls`: where its processes tell their CPU time, by what they are. */
export type Side = { url: string; metricsUrls: Record<string, string>; stop: () => Promise<void> };

async function launch(
  command: string,
  args: string[],
  options: { env?: Record<string, string>; ready: string },
): Promise<() => Promise<void>> {
  const child: ChildProcess = spawn(command, args, {
    env: options.env as NodeJS.ProcessEnv | undefined,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  process.once('exit', () => child.kill('SIGKILL'));
  process.once('SIGTERM', () => process.exit(1));
  process.once('SIGINT', () => process.exit(1));
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command} did not start: ${said}`);
    const answer = await fetch(options.ready).catch(() => undefined);
    if (answer?.ok) break;
    await delay(50);
  }
  return async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
}

/** The collectors as a process of their own, in front of a store. */
export async function startOurs(storeUrl: string): Promise<Side> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const stop = await launch(process.execPath, [join(import.meta.dirname, '../../collectors/main.ts')], {
    env: { COLLECTORS_PORT: String(port), CLICKHOUSE_URL: storeUrl },
    ready: `${url}/readyz`,
  });
  return { url, metricsUrls: { collectors: `${url}/metrics`, store: `${storeUrl}/metrics` }, stop };
}

/** Prometheus with its OTLP receiver, and data of its own. */
export async function startPrometheus(path: string): Promise<Side> {
  const port = await findFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-bench-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), 'storage:\n  tsdb:\n    out_of_order_time_window: 10m\n');
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-otlp-receiver',
    '--log.level=error',
  ];
  const stop = await launch(path, args, { ready: `${url}/-/ready` });
  return {
    url: `${url}/api/v1/otlp`,
    metricsUrls: { prometheus: `${url}/metrics` },
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** CPU seconds used so far by each process of a side. */
export async function readCpuSeconds(side: Side): Promise<Record<string, number>> {
  const readings = Object.entries(side.metricsUrls).map(async ([name, url]): Promise<[string, number]> => {
    const text = await (await fetch(url)).text();
    return [name, Number(/^process_cpu_seconds_total(?:\{.*\})? (\S+)/m.exec(text)?.[1])];
  });
  return Object.fromEntries(await Promise.all(readings));
}
