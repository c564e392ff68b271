/**
 * `npm run bench:drills -- [--repeat 5] [--port 5990] [--quiet 15m]`: every drill several times, its detection timed by
 * the ledger and, independently, by a webhook receiver with a clock of its own. An instance that runs already must have
 * been started with BELLWETHER_WEBHOOK_URL pointing at the receiver; otherwise one is started.
 */
import { parseArgs } from 'node:util';
import { drills } from '#chaos/drills/catalogue';
import { withControl } from '#cli/chaos-client';
import { followDrill, waitForCalm } from '#cli/drill-follow';
import { type DrillReport, formatReport, isPassed } from '#cli/drill-report';
import { parseDurationMs } from '#cli/duration';
import { openInstance } from '../instance.ts';
import { median, writeReport } from '../report.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** Acceptance is written by alerts after the receiver has answered. */
const toleranceSeconds = 1;

type Run = DrillReport & { receivedSeconds: number | null; differenceSeconds: number | null };

process.exitCode = await main();

async function main(): Promise<number> {
  const options = { repeat: { type: 'string' }, port: { type: 'string' }, quiet: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  const receiver = await startReceiver(Number(values.port ?? 5990));
  const bench = await openInstance({ BELLWETHER_WEBHOOK_URL: receiver.url });
  try {
    const runs = await runAll(Number(values.repeat ?? 5), receiver);
    if (values.quiet !== undefined) {
      runs.push(
        await runOne({ name: 'quiet', ttlSeconds: (parseDurationMs(values.quiet) ?? 900_000) / 1000 }, receiver),
      );
    }
    return conclude(runs);
  } finally {
    receiver.close();
    await bench.stop();
  }
}

async function runAll(repeat: number, receiver: Receiver): Promise<Run[]> {
  const runs: Run[] = [];
  for (const { name } of drills.filter(({ kind }) => kind === 'page')) {
    for (let round = 0; round < repeat; round += 1) runs.push(await runOne({ name }, receiver));
  }
  return runs;
}

async function runOne(drill: { name: string; ttlSeconds?: number }, receiver: Receiver): Promise<Run> {
  const interrupt = { interrupted: false };
  const report = await withControl(async (client) => {
    await waitForCalm(client, interrupt);
    return followDrill(client, drill, interrupt);
  });
  const { stages, page } = report;
  const arrival = receiver.arrivals.find(({ faultId, status }) => faultId === page?.faultId && status === 'firing');
  const since = (start: string | null): number | null =>
    arrival === undefined || start === null ? null : (arrival.at - Date.parse(start)) / 1000;
  const run = { ...report, receivedSeconds: since(stages.injected), differenceSeconds: since(stages.accepted) };
  const received = run.receivedSeconds === null ? 'never' : `${run.receivedSeconds.toFixed(1)} s`;
  process.stdout.write(`${formatReport(report)}\n  by the receiver's own clock: ${received}\n`);
  return run;
}

function conclude(runs: Run[]): number {
  const detections = runs.flatMap(({ detectionSeconds }) => (detectionSeconds === null ? [] : [detectionSeconds]));
  const paged = runs.filter(({ page }) => page !== null);
  const disagreeing = paged.filter(
    ({ differenceSeconds }) => differenceSeconds === null || Math.abs(differenceSeconds) > toleranceSeconds,
  );
  const summary = {
    drills: runs.length,
    passed: runs.filter(isPassed).length,
    medianDetectionSeconds: median(detections),
    worstDetectionSeconds: Math.max(...detections),
    disagreeing: disagreeing.length,
  };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n${writeReport('drills', { ...summary, runs })}\n`);
  return summary.passed === runs.length && disagreeing.length === 0 ? 0 : 1;
}
