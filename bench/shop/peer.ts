import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readEnv } from '../env.ts';

const ratePerSecond = 20;
const seconds = 20;

const reportSchema = z.object({
  latencies: z.object({ '50th': z.number(), '95th': z.number(), '99th': z.number() }),
  success: z.number(),
});

type Latencies = { p50Ms: number; p95Ms: number; p99Ms: number };

export type PeerComparison = { ours: Latencies; vegeta: Latencies; p95Ratio: number };

/** Asks for one product page at the same rate with our own generator and with vegeta, in turns; null without vegeta. */
export async function comparePeers(gatewayUrl: string): Promise<PeerComparison | null> {
  const { VEGETA_PATH: vegetaPath } = readEnv();
  if (vegetaPath === null) return null;
  const url = `${gatewayUrl}/api/products?limit=24`;
  const ours = await askOurselves(url);
  const vegeta = await askWithVegeta(vegetaPath, url);
  return { ours, vegeta, p95Ratio: Number((ours.p95Ms / vegeta.p95Ms).toPrecision(3)) };
}

async function askWithVegeta(vegetaPath: string, url: string): Promise<Latencies> {
  const attack = `echo "GET $2" | "$1" attack -rate=${ratePerSecond} -duration=${seconds}s | "$1" report -type=json`;
  const { stdout } = await promisify(execFile)('sh', ['-c', attack, 'sh', vegetaPath, url]);
  const { latencies } = reportSchema.parse(JSON.parse(stdout));
  const ms = (nanoseconds: number): number => nanoseconds / 1e6;
  return { p50Ms: ms(latencies['50th']), p95Ms: ms(latencies['95th']), p99Ms: ms(latencies['99th']) };
}

async function askOurselves(url: string): Promise<Latencies> {
  const latenciesMs: number[] = [];
  const underWay: Promise<void>[] = [];
  for (let n = 0; n < ratePerSecond * seconds; n += 1) {
    const startMs = performance.now();
    underWay.push(
      fetch(url)
        .then((response) => response.arrayBuffer())
        .then(() => void latenciesMs.push(performance.now() - startMs)),
    );
    await sleep(1_000 / ratePerSecond);
  }
  await Promise.all(underWay);
  latenciesMs.sort((a, b) => a - b);
  const at = (q: number): number => latenciesMs[Math.ceil(latenciesMs.length * q) - 1] ?? Number.NaN;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}
