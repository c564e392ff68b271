import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Instance } from '#cli/instance';
import { findReplaceable, restartProcess } from '#cli/restart';
import { waitUntil } from '../instance.ts';
import { startBuyers } from '../survival/checkouts.ts';

/** Before anything counts, so that connections are kept and caches warm. */
const warmUpMs = 10_000;
/** Without a restart, to see that the machine carries the load. */
const calmMs = 15_000;
/** After the last one. */
const coolDownMs = 5_000;
/** Requests a second, each on a connection of its own. */
const strangersPerSecond = 5;

const failedLine = /^shoppers_requests_total\{outcome="(failed|unanswered)".*\} (\d+)$/gm;
const allLine = /^shoppers_requests_total\{.*\} (\d+)$/gm;

type Restart = { process: string; seconds: number; requests: number; failed: number };

/**
 * Restarts every process of the shop once, one after the other, under the shoppers' load (connections that are kept),
 * buyers' and strangers' (a new connection for each request).
 */
export async function restartAll(instance: Instance): Promise<{ report: Record<string, unknown>; problems: string[] }> {
  const buyers = startBuyers(instance.gatewayUrl);
  const strangers = startStrangers(instance.gatewayUrl);
  await sleep(warmUpMs);
  const count = async (): Promise<{ requests: number; failed: number }> => {
    const shoppers = await countRequests(instance.shoppersUrl);
    const { requests, failed } = strangers.count();
    return { requests: shoppers.requests + requests, failed: shoppers.failed + failed };
  };
  const idle = await count();
  await sleep(calmMs);
  const begin = await count();
  const failedBefore = begin.failed - idle.failed;
  const restarts: Restart[] = [];
  for (const name of await findReplaceable()) {
    const before = await count();
    const startedAtMs = performance.now();
    await restartProcess(name, { downtime: false });
    const seconds = (performance.now() - startedAtMs) / 1_000;
    await sleep(coolDownMs);
    const after = await count();
    const restart = {
      process: name,
      seconds,
      requests: after.requests - before.requests,
      failed: after.failed - before.failed,
    };
    restarts.push(restart);
    process.stdout.write(
      `${name.padEnd(16)} ${seconds.toFixed(1)} s, ${restart.requests} requests, ${restart.failed} failed\n`,
    );
  }
  await strangers.stop();
  const end = await count();
  const purchases = await buyers.stop();
  const unanswered = purchases.filter(({ outcome }) => outcome === 'unknown').length;
  const totals = {
    requests: end.requests - begin.requests,
    failed: end.failed - begin.failed,
    purchases: purchases.length,
  };
  return {
    report: { failedBefore, ...totals, unanswered, reasons: Object.fromEntries(strangers.reasons), restarts },
    problems: [
      ...(failedBefore === 0 ? [] : [`${failedBefore} requests failed before anything was restarted`]),
      ...(totals.failed === 0 ? [] : [`${totals.failed} of ${totals.requests} requests failed`]),
      ...(unanswered === 0 ? [] : [`${unanswered} purchases were never answered`]),
      ...(restarts.length === 0 ? ['nothing could be restarted'] : []),
      ...(totals.requests === 0 ? ['there was no load'] : []),
    ],
  };
}

async function countRequests(shoppersUrl: string): Promise<{ requests: number; failed: number }> {
  const text = await (await fetch(`${shoppersUrl}/metrics`)).text();
  const sum = (pattern: RegExp, group: number): number =>
    [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[group]), 0);
  return { requests: sum(allLine, 1), failed: sum(failedLine, 2) };
}

type Strangers = {
  count: () => { requests: number; failed: number };
  reasons: Map<string, number>;
  stop: () => Promise<void>;
};

function startStrangers(gatewayUrl: string): Strangers {
  const underWay = new Set<Promise<void>>();
  const reasons = new Map<string, number>();
  let requests = 0;
  let failed = 0;
  const fail = (reason: string): void => {
    failed += 1;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  };
  const ask = async (): Promise<void> => {
    requests += 1;
    try {
      const response = await fetch(`${gatewayUrl}/api/products?limit=4`, { headers: { connection: 'close' } });
      const { code } = z.looseObject({ code: z.string().optional() }).parse(await response.json());
      if (!response.ok) fail(`${response.status} ${code}`);
    } catch (error) {
      fail(error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error));
    }
  };
  const timer = setInterval(() => {
    const asked = ask().finally(() => underWay.delete(asked));
    underWay.add(asked);
  }, 1_000 / strangersPerSecond);
  return {
    count: () => ({ requests, failed }),
    reasons,
    stop: async () => {
      clearInterval(timer);
      await waitUntil(async () => underWay.size === 0, 60_000, 'strangers wait for ever');
    },
  };
}
