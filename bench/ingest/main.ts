import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { readEnv } from '../env.ts';
import { median, writeReport } from '../report.ts';
import { encodeMetricsRequest, encodeTracesRequest } from './load.ts';
import { sendAll } from './send.ts';
import { readCpuSeconds, type Side, startOurs, startPrometheus } from './sides.ts';

/**
 * How many spans and samples a second the collectors take, acknowledged only once the embedded store has them, over HTTP
 * with protobuf. Beside it, in turns in the same run, Prometheus's own OTLP receiver on the same bytes.
 * usage: npm run bench:ingest [-- --scale 0.1]    (PROMETHEUS_PATH: a Prometheus 3; without one only ours is measured)
 */

const { values: options } = parseArgs({ options: { scale: { type: 'string', default: '1' } } });
const scale = Number(options.scale);

const runs = 3;
const senders = 16;
const samplesPerRequest = 2_000;
const services = 32;
const metricRounds = Math.ceil(20 * scale);
const spansPerRequest = 512;
const traceRequests = Math.ceil(400 * scale);

function metricBodies(run: number): Buffer[] {
  return Array.from({ length: metricRounds * services }, (_, index) =>
    encodeMetricsRequest({
      service: index % services,
      round: run * metricRounds + Math.floor(index / services),
      items: samplesPerRequest,
    }),
  );
}

function traceBodies(run: number): Buffer[] {
  return Array.from({ length: traceRequests }, (_, index) =>
    encodeTracesRequest({ service: index % services, round: run * traceRequests + index, items: spansPerRequest }),
  );
}

/** CPU time per item tells what bounds the rate, and unlike the rate it does not depend on what else the machine does. */
type Measurement = { itemsPerSecond: number; retries: number; cpuMicrosPerItem: Record<string, number> };

async function measure(side: Side, path: string, bodies: Buffer[], items: number): Promise<Measurement> {
  const before = await readCpuSeconds(side);
  const { seconds, retries } = await sendAll(side.url + path, bodies, senders);
  const after = await readCpuSeconds(side);
  const cpu = Object.keys(after).map((name): [string, number] => {
    const used = (after[name] ?? 0) - (before[name] ?? 0);
    return [name, Math.round((used / items) * 1e8) / 100];
  });
  return { itemsPerSecond: Math.round(items / seconds), retries, cpuMicrosPerItem: Object.fromEntries(cpu) };
}

async function countRows(store: TestStore, table: string): Promise<number> {
  const answer = await store.client.query({ query: `SELECT count() AS n FROM ${table}`, format: 'JSONEachRow' });
  return Number((await answer.json<{ n: string }>())[0]?.n);
}

async function main(): Promise<void> {
  const { PROMETHEUS_PATH: prometheusPath } = readEnv();
  const store = await startTestStore();
  const ours = await startOurs(store.url);
  const prometheus = prometheusPath === null ? null : await startPrometheus(prometheusPath);
  if (prometheus === null) console.log('no Prometheus (set PROMETHEUS_PATH): measuring ours only');
  const samples = metricRounds * services * samplesPerRequest;
  const spans = traceRequests * spansPerRequest;
  const measured = { samples: [] as Measurement[], peerSamples: [] as Measurement[], spans: [] as Measurement[] };
  for (let run = 0; run < runs; run++) {
    const bodies = metricBodies(run);
    if (prometheus !== null) measured.peerSamples.push(await measure(prometheus, '/v1/metrics', bodies, samples));
    measured.samples.push(await measure(ours, '/v1/metrics', bodies, samples));
    measured.spans.push(await measure(ours, '/v1/traces', traceBodies(run), spans));
    console.log(
      `run ${run + 1}:`,
      JSON.stringify({
        samples: measured.samples.at(-1),
        prometheus: measured.peerSamples.at(-1),
        spans: measured.spans.at(-1),
      }),
    );
  }
  // A fast answer that lost rows would be no answer: each request carries one `target_info` besides its samples.
  const expected = { samples: runs * (samples + metricRounds * services), spans: runs * spans };
  const stored = { samples: await countRows(store, 'samples'), spans: await countRows(store, 'otel_traces') };
  await Promise.all([ours.stop(), prometheus?.stop()]);
  await store.stop();
  if (stored.samples !== expected.samples || stored.spans !== expected.spans) {
    throw new Error(`stored ${JSON.stringify(stored)}, expected ${JSON.stringify(expected)}`);
  }
  report(measured);
}

function report(measured: Record<'samples' | 'peerSamples' | 'spans', Measurement[]>): void {
  const rate = (of: Measurement[]): number => median(of.map(({ itemsPerSecond }) => itemsPerSecond));
  const samplesPerSecond = rate(measured.samples);
  const peer = measured.peerSamples.length === 0 ? null : rate(measured.peerSamples);
  const results = {
    samplesPerSecond,
    spansPerSecond: rate(measured.spans),
    prometheusSamplesPerSecond: peer,
    samplesRatioToPrometheus: peer === null ? null : Math.round((samplesPerSecond / peer) * 100) / 100,
    goals: { samplesPerSecond: 200_000, spansPerSecond: 30_000 },
    loadAverage: loadavg(),
    load: { senders, samplesPerRequest, spansPerRequest, services, metricRounds, traceRequests },
    runs: measured,
  };
  const file = writeReport('ingest', results);
  console.log(
    `samples/s ${samplesPerSecond} (Prometheus ${peer ?? 'not measured'}, ratio ${results.samplesRatioToPrometheus ?? '–'}), spans/s ${results.spansPerSecond}; medians of ${runs}`,
  );
  console.log(file);
}

await main();
process.exit(0);
