import type { Logger } from '#process/logger';
import { noStages, type Stages } from '../contract.ts';
import type { Controller } from '../faults/controller.ts';
import type { ChaosMetrics } from '../metrics.ts';
import type { DrillDefinition, PageDrill } from './catalogue.ts';
import { findRefusal, type Score, scorePageDrill, scoreQuietDrill } from './score.ts';
import type { DrillOutcome, DrillStore } from './store.ts';

export type DrillRequest = {
  id: string;
  author: string;
  limitSeconds: number;
  /** How long the fault lives; for `quiet`, how long the silence is listened to. */
  ttlSeconds: number;
  flashSale: boolean;
};

export type DrillDependencies = {
  store: DrillStore;
  controller: Pick<Controller, 'start' | 'stop'>;
  /** Multiplies the shoppers for a while, or brings them back to normal. */
  setLoad: (mode: 'normal' | 'flash-sale', forSeconds?: number) => Promise<void>;
  /** Whether an alert of that service could be mistaken for one that a fault in the shop raises. */
  isRelated: (service: string) => boolean;
  metrics: ChaosMetrics;
  logger: Logger;
  now: () => number;
  /** Waits for `ms`, or less when something changed; rejects once `signal` is aborted. */
  pause: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Longest wait for the page's resolution once the fault is undone. */
  resolutionLimitMs?: number;
};

/** A page under way when the fault ends may still be accepted within this time. */
const graceMs = 5_000;
const pollMs = 250;

type Context = { request: DrillRequest; dependencies: DrillDependencies; signal: AbortSignal };

/**
 * Begins one drill: inject, wait for the accepted page, undo at once, wait for the resolution. Everything is in the
 * `Drill` row as it happens; an abort undoes the fault and ends the drill without a verdict.
 * @returns once the drill is recorded as running (or refused); `finished` settles with its outcome and never rejects
 *   for a reason of the drill's own
 */
export async function beginDrill(
  definition: DrillDefinition,
  context: Context,
): Promise<{ finished: Promise<DrillOutcome> }> {
  const { request, dependencies } = context;
  const { store } = dependencies;
  const related = definition.kind === 'quiet' ? (): boolean => true : dependencies.isRelated;
  const refusal = findRefusal(await store.readSituation(), related);
  const { flashSale: _, ...start } = request;
  await store.create({ ...start, name: definition.name });
  return { finished: refusal === null ? perform(definition, context) : refuse(refusal, definition, context) };
}

async function perform(definition: DrillDefinition, context: Context): Promise<DrillOutcome> {
  const { request, dependencies, signal } = context;
  const running = definition.kind === 'quiet' ? runQuiet(context) : runPage(definition, context);
  const outcome = await running.catch((error: unknown): DrillOutcome => {
    if (!signal.aborted) dependencies.logger.error({ err: error, drill: request.id }, 'drill broken off');
    const reason = signal.aborted ? `cancelled by ${String(signal.reason)}` : `broken off: ${String(error)}`;
    return { state: 'done', verdict: null, reason, detectionSeconds: null, page: null };
  });
  return finish(outcome, definition, context);
}

function refuse(reason: string, definition: DrillDefinition, context: Context): Promise<DrillOutcome> {
  return finish({ state: 'refused', verdict: null, reason, detectionSeconds: null, page: null }, definition, context);
}

async function finish(
  outcome: DrillOutcome,
  { name }: DrillDefinition,
  { request, dependencies }: Context,
): Promise<DrillOutcome> {
  const { store, metrics } = dependencies;
  await store.finish(request.id, outcome);
  metrics.drills.inc({ drill: name, verdict: outcome.verdict ?? outcome.state });
  if (outcome.detectionSeconds !== null) metrics.detection.observe({ drill: name }, outcome.detectionSeconds);
  return outcome;
}

async function runPage(definition: PageDrill, context: Context): Promise<DrillOutcome> {
  const { request, dependencies } = context;
  const { store, controller } = dependencies;
  const { id, author, ttlSeconds } = request;
  const fault = await controller.start({ name: definition.fault, ttlSeconds, author, drillId: id });
  let stages: Stages = { ...noStages, injected: fault.injectedAt.toISOString() };
  let score: Score;
  try {
    await store.progress(id, `${definition.fault} injected, waiting for the page`, stages);
    score = await waitForPage(definition, fault.injectedAt.getTime(), context);
  } finally {
    const undoneAt = await controller.stop(fault.id, context.signal.aborted ? 'drill cancelled' : 'drill over');
    stages = { ...stages, undone: (undoneAt ?? new Date(dependencies.now())).toISOString() };
  }
  if (score.page === null) {
    await store.progress(id, 'no page; fault undone', stages);
  } else {
    stages = await followResolution(score.page.faultId, stages, context);
  }
  return toOutcome(score, stages);
}

async function waitForPage(definition: PageDrill, injectedAt: number, context: Context): Promise<Score> {
  const { request, dependencies, signal } = context;
  const { store, now, pause, isRelated } = dependencies;
  const until = injectedAt + request.ttlSeconds * 1000 + graceMs;
  const { service, slos } = definition;
  for (;;) {
    const pages = (await store.listPages(injectedAt)).filter((page) => isRelated(page.service));
    if (pages.length > 0 || now() >= until) {
      return scorePageDrill({ service, slos, limitSeconds: request.limitSeconds, injectedAt }, pages);
    }
    await pause(pollMs, signal);
  }
}

async function followResolution(faultId: string, before: Stages, context: Context): Promise<Stages> {
  const { request, dependencies, signal } = context;
  const { store, now, pause, resolutionLimitMs = 240_000 } = dependencies;
  const merge = async (): Promise<Stages> => ({ ...before, ...(await store.readLedger(faultId)) });
  let stages = await merge();
  await store.progress(request.id, 'page accepted, fault undone, waiting for the resolution', stages);
  const until = now() + resolutionLimitMs;
  while (stages.resolved === null && now() < until) {
    await pause(pollMs, signal);
    stages = await merge();
  }
  const seconds = Math.round(resolutionLimitMs / 1000);
  await store.progress(request.id, stages.resolved ? 'resolved' : `not resolved within ${seconds} s`, stages);
  return stages;
}

async function runQuiet({ request, dependencies, signal }: Context): Promise<DrillOutcome> {
  const { store, setLoad, now, pause } = dependencies;
  const { id, ttlSeconds, flashSale } = request;
  const startedAt = now();
  const third = ttlSeconds / 3;
  await store.progress(id, `listening for ${Math.round(ttlSeconds)} s`);
  const waitUntil = async (seconds: number): Promise<void> => {
    for (let left = 1; left > 0; ) {
      left = startedAt + seconds * 1000 - now();
      if (left > 0) await pause(Math.min(left, 1_000), signal);
    }
  };
  try {
    await waitUntil(third);
    if (flashSale) {
      await setLoad('flash-sale', third);
      await store.progress(id, `flash sale for ${Math.round(third)} s`);
    }
    await waitUntil(2 * third);
    if (flashSale) {
      await setLoad('normal');
      await store.progress(id, 'flash sale over');
    }
    await waitUntil(ttlSeconds);
  } catch (error) {
    if (flashSale) await setLoad('normal').catch(() => undefined);
    throw error;
  }
  await pause(Math.min(graceMs, third * 1000), signal);
  return toOutcome(scoreQuietDrill(await store.listPages(startedAt)), noStages);
}

function toOutcome({ verdict, reason, detectionSeconds, page }: Score, stages: Stages): DrillOutcome {
  const unresolved = page !== null && verdict !== 'noisy' && stages.resolved === null;
  return {
    state: 'done',
    verdict,
    reason: unresolved ? `${reason}; the page has not resolved` : reason,
    detectionSeconds,
    page: page && { summary: page.summary, service: page.service, slo: page.slo, faultId: page.faultId },
  };
}
