import { logs, metrics, trace } from '@opentelemetry/api';
import { allDone } from './after-answer.ts';

type Flushable = { forceFlush: () => Promise<void> };

/** Sends what the SDK still holds; gives up after `limitMs`, because the receiver may be gone already. Never rejects. */
export async function flushTelemetry(limitMs = 2_000): Promise<void> {
  const providers = [trace.getTracerProvider(), metrics.getMeterProvider(), logs.getLoggerProvider()]
    .map(unwrap)
    .filter(isFlushable);
  const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
  await allDone();
  await Promise.race([Promise.allSettled(providers.map((provider) => provider.forceFlush())), limit]);
}

/** The API hands out a proxy in front of the registered provider. */
function unwrap(provider: object): unknown {
  if ('getDelegate' in provider && typeof provider.getDelegate === 'function') return provider.getDelegate();
  if ('_getDelegate' in provider && typeof provider._getDelegate === 'function') return provider._getDelegate();
  return provider;
}

function isFlushable(provider: unknown): provider is Flushable {
  return typeof provider === 'object' && provider !== null && 'forceFlush' in provider;
}
