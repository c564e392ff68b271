import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { type DrillPage, noStages, type Progress, type Stages } from '#chaos/contract';
import { askChaos } from './chaos-client.ts';
import type { DrillReport } from './drill-report.ts';

export type DrillOrder = { name: string; limitSeconds?: number | undefined; ttlSeconds?: number | undefined };

type DrillRow = {
  name: string;
  state: string;
  verdict: string | null;
  reason: string | null;
  detectionSeconds: number | null;
  stages: Stages;
  page: DrillPage | null;
  progress: Progress;
};

/** Set `interrupted` to cancel what runs. */
export type Interrupt = { interrupted: boolean };

/** Runs one drill, telling its progress on standard error; the fault is undone when it returns. */
export async function followDrill(client: Client, request: DrillOrder, interrupt: Interrupt): Promise<DrillReport> {
  const { name, limitSeconds, ttlSeconds } = request;
  const id = await askChaos(client, 'drill', { name, limitSeconds, ttlSeconds });
  let told = 0;
  let cancelled = false;
  for (;;) {
    const row = await readDrill(client, id);
    for (const { at, text } of row.progress.slice(told)) narrate(`${at.slice(11, 19)} ${text}`);
    told = row.progress.length;
    if (row.state !== 'running') return toReport(row, cancelled);
    if (interrupt.interrupted && !cancelled) {
      cancelled = true;
      // It may have ended by itself in this moment, which is as good.
      await askChaos(client, 'cancel-drill', { drillId: id }).catch((error: unknown) => narrate(String(error)));
    }
    await sleep(200);
  }
}

async function readDrill(client: Client, id: string): Promise<DrillRow> {
  const { rows } = await client.query<DrillRow>(
    `SELECT name, state, verdict, reason, "detectionSeconds", stages, page, progress FROM chaos."Drill" WHERE id = $1`,
    [id],
  );
  if (rows[0] === undefined) throw new Error(`drill ${id} is not recorded`);
  return rows[0];
}

function toReport(row: DrillRow, cancelled: boolean): DrillReport {
  const without = row.state === 'refused' ? 'refused' : cancelled ? 'cancelled' : 'broken off';
  return {
    drill: row.name,
    verdict: row.verdict ?? without,
    reason: row.reason ?? '',
    detectionSeconds: row.detectionSeconds,
    stages: { ...noStages, ...row.stages },
    page: row.page,
  };
}

/** Waits until no page is open, so that the next drill proves something. Gives up after five minutes. */
export async function waitForCalm(client: Client, interrupt: Interrupt): Promise<void> {
  const deadline = Date.now() + 300_000;
  let told = false;
  while (!interrupt.interrupted && Date.now() < deadline) {
    const { rows } = await client.query<{ open: number }>(
      `SELECT ((SELECT count(*) FROM alerts."Fault" WHERE state <> 'resolved')
             + (SELECT count(*) FROM alerts."SloState" WHERE status = 'firing'))::int AS open`,
    );
    if (rows[0]?.open === 0) return;
    if (!told) narrate('waiting until every page has resolved');
    told = true;
    await sleep(500);
  }
}

/** Progress goes to standard error, so that standard output holds the result alone. */
export function narrate(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
