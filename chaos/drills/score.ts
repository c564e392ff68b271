import type { Verdict } from '../contract.ts';

/** A page that a receiver accepted; times in milliseconds since the epoch. */
export type SeenPage = { faultId: string; service: string; slo: string; summary: string; acceptedAt: number };

export type Score = {
  verdict: Verdict;
  reason: string;
  /** Injection to accepted page. */
  detectionSeconds: number | null;
  /** The page that decided. */
  page: SeenPage | null;
};

export type Expectation = { service: string; slos: readonly string[]; limitSeconds: number; injectedAt: number };

/**
 * Scores a drill whose fault must page. The first page decides, for it is the one that wakes somebody: right service
 * and an SLO that the fault can break in time is a hit, after the limit late, anything else sends people to the wrong place.
 */
export function scorePageDrill(expected: Expectation, pages: readonly SeenPage[]): Score {
  const page = first(pages);
  if (page === null) {
    return { verdict: 'missed', reason: 'no page was accepted while the fault lasted', detectionSeconds: null, page };
  }
  const detectionSeconds = (page.acceptedAt - expected.injectedAt) / 1000;
  const found = { detectionSeconds, page };
  if (page.service !== expected.service) {
    const reason = `the page names ${page.service}, the fault is in ${expected.service}`;
    return { verdict: 'wrong service', reason, ...found };
  }
  if (!expected.slos.includes(page.slo)) {
    return {
      verdict: 'wrong service',
      reason: `the page is about ${page.slo}, which this fault cannot break`,
      ...found,
    };
  }
  const took = `accepted ${detectionSeconds.toFixed(1)} s after the injection`;
  return detectionSeconds <= expected.limitSeconds
    ? { verdict: 'hit', reason: took, ...found }
    : { verdict: 'late', reason: `${took}, the limit is ${expected.limitSeconds} s`, ...found };
}

/** Scores a drill in which nobody may be paged. */
export function scoreQuietDrill(pages: readonly SeenPage[]): Score {
  const page = first(pages);
  return page === null
    ? { verdict: 'silent', reason: 'nobody was paged', detectionSeconds: null, page }
    : {
        verdict: 'noisy',
        reason: `${pages.length} page(s), the first for ${page.service}`,
        detectionSeconds: null,
        page,
      };
}

function first(pages: readonly SeenPage[]): SeenPage | null {
  return pages.reduce<SeenPage | null>(
    (best, page) => (best && best.acceptedAt <= page.acceptedAt ? best : page),
    null,
  );
}

/** What a drill finds when it is asked for. */
export type Situation = {
  globalStop: { pulledBy: string } | null;
  /** Name of a drill that is still running. */
  running: string | null;
  /** Injections in force that are not the drill's own. */
  injections: readonly string[];
  /** Faults that are not resolved. */
  openFaults: readonly { number: number; service: string }[];
  /** SLOs whose alert is firing. */
  firingSlos: readonly { id: string; service: string }[];
};

/**
 * Why a drill would prove nothing now, or null when it may run: what already fires cannot be made to fire.
 * @param related whether an alert of that service could be mistaken for the drill's
 */
export function findRefusal(situation: Situation, related: (service: string) => boolean): string | null {
  const { globalStop, running, injections } = situation;
  if (globalStop !== null) return `the global stop is pulled by ${globalStop.pulledBy}`;
  if (running !== null) return `drill ${running} is still running`;
  if (injections.length > 0) return `another fault is injected: ${injections.join(', ')}`;
  const fault = situation.openFaults.find((open) => related(open.service));
  if (fault !== undefined) return `fault ${fault.number} (${fault.service}) is not resolved yet`;
  const slo = situation.firingSlos.find((firing) => related(firing.service));
  return slo === undefined ? null : `${slo.id} is already firing`;
}
