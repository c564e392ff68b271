import type { Stages } from '#chaos/contract';

/** A drill as the command line tells of it; the JSON output is an array of these. */
export type DrillReport = {
  drill: string;
  /** hit | late | wrong service | missed | silent | noisy; refused or cancelled when there is no verdict. */
  verdict: string;
  reason: string;
  detectionSeconds: number | null;
  stages: Stages;
  page: { summary: string; service: string; slo: string; faultId: string } | null;
};

const labels: Record<keyof Stages, string> = {
  injected: 'fault injected',
  firstBad: 'first bad event',
  stored: 'stored',
  firing: 'firing',
  sent: 'page sent',
  accepted: 'page accepted',
  undone: 'fault undone',
  resolved: 'page resolved',
};

/** True when the drill proved what it should. */
export function isPassed({ verdict }: DrillReport): boolean {
  return verdict === 'hit' || verdict === 'silent';
}

/** The ledger as a timeline: each moment in UTC, seconds since the injection, and what the stage itself took. */
export function formatReport(report: DrillReport): string {
  const { drill, verdict, reason, stages, page } = report;
  const lines = [`${isPassed(report) ? '✔' : '✘'} ${drill}: ${verdict.toUpperCase()} (${reason})`];
  if (page !== null) lines.push(`  page: ${page.summary}`, `  service ${page.service}, SLO ${page.slo}`);
  const moments = (Object.keys(labels) as (keyof Stages)[]).flatMap((stage) => {
    const at = stages[stage];
    return at === null ? [] : [{ label: labels[stage], at: Date.parse(at) }];
  });
  const [start] = moments;
  if (start === undefined) return lines.join('\n');
  lines.push(`  ${'stage'.padEnd(16)}${'UTC'.padEnd(14)}${'since start'.padStart(12)}${'stage took'.padStart(12)}`);
  moments.forEach(({ label, at }, index) => {
    const took = index === 0 ? '' : seconds(at - (moments[index - 1]?.at ?? at));
    const time = new Date(at).toISOString().slice(11, 23);
    lines.push(
      `  ${label.padEnd(16)}${time.padEnd(14)}${seconds(at - start.at).padStart(12)}${took.padStart(12)}`.trimEnd(),
    );
  });
  return lines.join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
