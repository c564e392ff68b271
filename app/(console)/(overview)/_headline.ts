import type { FaultRow } from '#app/_server/faults.ts';
import type { SloRow } from '#app/_server/slo-row.ts';
import type { Tone } from '#app/_ui/state.tsx';

/** The first line of the console: are customers hurt? */
export type Headline = { tone: Tone; words: string; detail: string; fault: FaultRow | null };

const detectionAwayMs = 30_000;
const noTrafficMs = 120_000;

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Says in words whether customers are hurt. What is not measured is unknown, never healthy: a detector that has not run
 * for 30 s or objectives without traffic for two minutes make the answer "unknown".
 */
export function writeHeadline(open: readonly FaultRow[], slos: readonly SloRow[], nowMs: number): Headline {
  const worst = open.find((fault) => fault.state === 'firing') ?? open[0];
  if (worst !== undefined) {
    const others = open.length > 1 ? ` ${plural(open.length - 1, 'other fault is', 'other faults are')} open.` : '';
    const taken = worst.state === 'acknowledged' ? ` ${worst.acknowledgedBy ?? 'Someone'} is on it.` : '';
    const tone = worst.state === 'firing' ? 'hurt' : 'handled';
    return { tone, words: 'Customers are being hurt', detail: `${worst.summary}${taken}${others}`, fault: worst };
  }
  const unknown = (words: string, detail: string): Headline => ({ tone: 'unknown', words, detail, fault: null });
  if (slos.length === 0) {
    return unknown(
      'Unknown: nothing is measured yet',
      'No objective is in force. Start the shop or point a service at port 4318.',
    );
  }
  const lastRunMs = Math.max(...slos.map((slo) => slo.updatedAtMs ?? 0));
  if (nowMs - lastRunMs > detectionAwayMs) {
    return unknown(
      'Unknown: detection is not running',
      'The alerts process has evaluated nothing for 30 s; see npx bellwether status.',
    );
  }
  const lastEventMs = Math.max(...slos.map((slo) => slo.lastEventAtMs ?? 0));
  if (nowMs - lastEventMs > noTrafficMs) {
    return unknown(
      'Unknown: no traffic is measured',
      'No request has been seen for two minutes, so nobody can say how customers fare.',
    );
  }
  const suspects = slos.filter((slo) => slo.status === 'pending' || slo.status === 'firing');
  if (suspects.length > 0) {
    const detail = `${suspects.map((slo) => slo.displayName).join(', ')}: more failures than the objective allows, not yet certain.`;
    return { tone: 'risk', words: 'At risk', detail, fault: null };
  }
  const measured = slos.filter((slo) => slo.status === 'ok').length;
  const rest = slos.length - measured;
  const detail = `${plural(measured, 'objective holds', 'objectives hold')} now${rest > 0 ? `; ${plural(rest, 'is', 'are')} not measured` : ''}.`;
  return { tone: 'ok', words: 'Customers are being served', detail, fault: null };
}
