import type { SloRow } from '#app/_server/slo-row.ts';
import type { Tone } from './state.tsx';

export type Health = { tone: Tone; word: string };

/** The worst first. */
export const toneRank: Record<Tone, number> = { hurt: 0, handled: 1, risk: 2, unknown: 3, ok: 4, over: 5 };

/** How a service fares, by the worst of its objectives. */
export function judgeHealth(service: string, slos: readonly Pick<SloRow, 'service' | 'status'>[]): Health {
  const own = slos.filter((slo) => slo.service === service).map((slo) => slo.status);
  if (own.includes('firing')) return { tone: 'hurt', word: 'Violated now' };
  if (own.includes('pending')) return { tone: 'risk', word: 'At risk' };
  if (own.includes('ok')) return { tone: 'ok', word: 'OK now' };
  return { tone: 'unknown', word: own.length === 0 ? 'No objective' : 'No data' };
}
