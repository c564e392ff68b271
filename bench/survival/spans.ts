import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';

const perRequest = 10;
const everyMs = 100;
const service = 'survival-probe';

export type SpanSender = { stop: () => Promise<{ sent: number; acknowledged: Set<number> }> };

/**
 * Sends numbered spans as an exporter would: a request that was refused for now, or whose answer was lost, is sent
 * again unchanged. Remembers the numbers of those that were acknowledged.
 */
export function sendSpans({ otlpUrl, run }: { otlpUrl: string; run: string }): SpanSender {
  const acknowledged = new Set<number>();
  let next = 0;
  let stopping = false;
  const send = async (first: number): Promise<void> => {
    const body = JSON.stringify(buildRequest(run, first));
    for (let attempt = 0; attempt < 300; attempt += 1) {
      if (await post(`${otlpUrl}/v1/traces`, body)) {
        for (let number = first; number < first + perRequest; number += 1) acknowledged.add(number);
        return;
      }
      await sleep(Math.min(1_000, 100 * 2 ** attempt));
    }
  };
  const sending = (async (): Promise<void> => {
    const underWay: Promise<void>[] = [];
    while (!stopping) {
      underWay.push(send(next));
      next += perRequest;
      await sleep(everyMs);
    }
    await Promise.all(underWay);
  })();
  return {
    stop: async () => {
      stopping = true;
      await sending;
      return { sent: next, acknowledged };
    },
  };
}

async function post(url: string, body: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) });
    await response.text();
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      throw new Error(`the collectors refuse the benchmark's own spans: ${response.status}`);
    }
    return response.ok;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('the collectors refuse')) throw error;
    return false;
  }
}

function buildRequest(run: string, first: number): object {
  const now = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: perRequest }, (_, index) => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'numbered',
    kind: 1,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + 1_000_000n),
    attributes: [
      { key: 'survival.run', value: { stringValue: run } },
      { key: 'survival.number', value: { stringValue: String(first + index) } },
    ],
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'survival' }, spans }] }] };
}

/** Compares what was acknowledged with what is stored. */
export async function countSpans(options: {
  clickhouseUrl: string;
  run: string;
  acknowledged: ReadonlySet<number>;
}): Promise<{ stored: number; lost: number; doubled: number }> {
  const client = createClient({ url: options.clickhouseUrl, database: 'bellwether' });
  const answer = await client.query({
    query: `SELECT toUInt64(SpanAttributes['survival.number']) AS number, count() AS times FROM otel_traces
            WHERE ServiceName = {service: String} AND SpanAttributes['survival.run'] = {run: String} GROUP BY number`,
    query_params: { service, run: options.run },
    format: 'JSONEachRow',
  });
  const rows = await answer.json<{ number: string; times: string }>();
  await client.close();
  const stored = new Map(rows.map(({ number, times }) => [Number(number), Number(times)]));
  return {
    stored: stored.size,
    lost: [...options.acknowledged].filter((number) => !stored.has(number)).length,
    doubled: [...stored.values()].filter((times) => times > 1).length,
  };
}
