import { diag } from '@opentelemetry/api';

const waiting: (() => void)[] = [];

/**
 * Does something of telemetry when whoever is answered need not wait for it: after what is to be done now, in the order in
 * which it came. What is done later has to bring its times and its context with it; its errors are OpenTelemetry's own.
 */
export function afterAnswer(work: () => void): void {
  if (waiting.push(work) === 1) setImmediate(doAll);
}

/** Resolves when all that waits so far is done. */
export function allDone(): Promise<void> {
  return new Promise((resolve) => afterAnswer(resolve));
}

function doAll(): void {
  for (const work of waiting.splice(0)) {
    try {
      work();
    } catch (error) {
      diag.error('telemetry could not be written down', error);
    }
  }
}
