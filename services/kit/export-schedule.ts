import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

type Flushable = { forceFlush: () => Promise<void> };

/** An error is told soon, together with those that come right after it. */
const hurryMs = 250;
/** However many there are. */
const betweenHurriesMs = 1_000;
/** Processes that export together do it within a part of a second, not all in the same millisecond. */
const longestPhaseMs = 400;

export type ExportSchedule = {
  /** Export soon, not at the next usual time. */
  hurry: () => void;
  stop: () => void;
};

/**
 * Exports what several processors hold, together and at times that all processes have in common (multiples of `everyMs`,
 * by the clock): an export costs a process, its receiver and the store much the same however much is in it, so few of
 * them, in which the spans of a request arrive together. Exports that fail are the exporter's to report and to try again.
 */
export function scheduleExports({
  processors,
  everyMs,
  random = Math.random,
}: {
  processors: readonly Flushable[];
  everyMs: number;
  random?: () => number;
}): ExportSchedule {
  const phaseMs = random() * Math.min(longestPhaseMs, everyMs / 4);
  let usual: NodeJS.Timeout;
  let hurried: NodeJS.Timeout | undefined;
  let lastHurryMs = Number.NEGATIVE_INFINITY;
  const exportAll = (): void => {
    for (const processor of processors) processor.forceFlush().catch(() => undefined);
  };
  const waitForNext = (): void => {
    // A timer may fire a little early, and must not find the same time again.
    const sinceMs = (Date.now() - phaseMs + everyMs / 4) % everyMs;
    usual = setTimeout(exportAndWait, everyMs - sinceMs + everyMs / 4).unref();
  };
  const exportAndWait = (): void => {
    exportAll();
    waitForNext();
  };
  waitForNext();
  return {
    hurry: () => {
      if (hurried !== undefined) return;
      const waitMs = Math.max(hurryMs, lastHurryMs + betweenHurriesMs - performance.now());
      hurried = setTimeout(() => {
        hurried = undefined;
        lastHurryMs = performance.now();
        exportAll();
      }, waitMs).unref();
    },
    stop: () => {
      clearTimeout(usual);
      clearTimeout(hurried);
    },
  };
}

/** Lets each span that has failed hurry the export: who is to be paged is paged seconds earlier. */
export function hurryOnErrors({ hurry }: Pick<ExportSchedule, 'hurry'>): SpanProcessor {
  return {
    onStart: () => undefined,
    onEnd: ({ status }: ReadableSpan) => {
      if (status.code === SpanStatusCode.ERROR) hurry();
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
}
