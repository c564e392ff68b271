import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { findFreePort } from '#cli/embedded/free-port';
import { startTestRedis, type TestRedis } from '#cli/embedded/test-redis';
import { topology } from '#services/topology';

const perMinute = 20;
/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 60_000, interval: 50 };

type Gateway = { url: string; child: ChildProcess };

let redis: TestRedis;
let gateways: [Gateway, Gateway];

beforeAll(async () => {
  redis = await startTestRedis();
  gateways = await Promise.all([startProcess(), startProcess()]);
});

afterAll(async () => {
  redis?.resume();
  for (const { child } of gateways ?? []) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await redis?.stop();
});

/** A gateway as it is run. Guests' sessions are its own: nobody has to be behind it. */
async function startProcess(): Promise<Gateway> {
  const port = await findFreePort();
  const child = spawn(process.execPath, ['services/gateway/main.ts'], {
    env: {
      ...Object.fromEntries(topology.gateway.calls.map((peer) => [`${peer.toUpperCase()}_URL`, 'http://127.0.0.1:1'])),
      ...{ NODE_ENV: 'test', GATEWAY_PORT: String(port), REDIS_URL: redis.url },
      ...{ SESSION_SECRET: 's'.repeat(32), GATEWAY_CLIENT_RATE: String(perMinute) },
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).ok).toBe(true), patient);
  return { url, child };
}

/** A new client; how often it may ask is counted apart from all others. */
async function newClient(): Promise<(gateway: 0 | 1, times: number) => Promise<number[]>> {
  const { token } = await (await fetch(`${gateways[0].url}/api/session`, { method: 'POST' })).json();
  return async (gateway, times) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const answer = await fetch(`${gateways[gateway].url}/api/session`, {
        ...{ method: 'POST', headers: { authorization: `Bearer ${token}` } },
        // Far more than Redis may cost, and less than a client would wait.
        signal: AbortSignal.timeout(10_000),
      });
      await answer.body?.cancel();
      statuses.push(answer.status);
    }
    return statuses;
  };
}

const through = (times: number): number[] => Array(times).fill(201);

/** Waits until what one has counted stops the client at the other. */
async function untilShared(): Promise<void> {
  await vi.waitFor(async () => {
    const ask = await newClient();
    expect(await ask(0, perMinute)).toEqual(through(perMinute));
    expect(await ask(1, 1)).toEqual([429]);
  }, patient);
}

beforeEach(untilShared, patient.timeout);

test('two gateways count a client together, and no client for another', async () => {
  const ask = await newClient();
  expect(await ask(0, 12)).toEqual(through(12));
  expect(await ask(1, 8)).toEqual(through(8));
  expect([await ask(1, 1), await ask(0, 1)]).toEqual([[429], [429]]);
  expect(await (await newClient())(1, 1)).toEqual([201]);
});

test.each(['hangs', 'dies'])(
  'while a Redis %s each counts by itself: nobody is refused for it, nobody gets round the limit',
  async (how) => {
    const ask = await newClient();
    expect(await ask(0, 12)).toEqual(through(12));
    if (how === 'hangs') redis.hang();
    else await redis.kill();
    try {
      // What it knew of the client before goes on counting.
      expect(await ask(0, 9)).toEqual([...through(8), 429]);
      expect(await ask(1, perMinute + 1)).toEqual([...through(perMinute), 429]);
      // Longer than a connection is believed in, and than Redis is left alone.
      await delay(2_500);
      const another = await newClient();
      expect(await another(0, perMinute + 1)).toEqual([...through(perMinute), 429]);
    } finally {
      if (how === 'hangs') redis.resume();
      else await redis.restart();
    }
    await untilShared();
  },
);
