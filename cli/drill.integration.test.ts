import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { insertPage, startTestChaos, type TestChaos, until } from '#chaos/test-chaos';

let chaos: TestChaos;
let dataDir: string;

beforeAll(async () => {
  chaos = await startTestChaos();
  await chaos.startController();
  dataDir = mkdtempSync(path.join(tmpdir(), 'bellwether-cli-'));
  const url = 'http://127.0.0.1:1';
  const urls = { consoleUrl: url, otlpUrl: url, gatewayUrl: url, supervisorUrl: url, clickhouseUrl: url };
  const instance = {
    pid: 1,
    startedAt: new Date().toISOString(),
    host: '127.0.0.1',
    ports: {},
    ...urls,
    storefrontUrl: url,
    shoppersUrl: chaos.shopUrl,
    databaseUrl: chaos.postgres.url('bellwether', 'app'),
    busUrl: url,
    supervisorToken: 'unused',
    chaosEnabled: true,
  };
  writeFileSync(path.join(dataDir, 'run.json'), JSON.stringify(instance));
}, 60_000);

afterEach(async () => {
  await chaos.owner.fault.deleteMany();
});

afterAll(async () => {
  rmSync(dataDir, { recursive: true });
  await chaos.stop();
}, 30_000);

type Run = { child: ChildProcess; ended: Promise<{ code: number | null; out: string; error: string }> };

function bellwether(...args: string[]): Run {
  const child = spawn(process.execPath, [`${import.meta.dirname}/main.ts`, ...args], {
    env: { NODE_ENV: 'test', BELLWETHER_DATA_DIR: dataDir },
  });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, out, error })) };
}

async function status(): Promise<number> {
  return (await fetch(`${chaos.shopUrl}/things`)).status;
}

async function isBroken(): Promise<boolean> {
  return (await status()) === 500;
}

describe('bellwether drill', () => {
  it('prints a hit as JSON, each stage in UTC, and ends with 0', async () => {
    const { ended } = bellwether('drill', 'payments-errors', '--json');
    await until(isBroken);
    const { id } = await insertPage(chaos.owner, 'payments', 'payments/availability');
    await chaos.owner.fault.update({ where: { id }, data: { state: 'resolved', resolvedAt: new Date() } });
    const { code, out } = await ended;
    const [report] = JSON.parse(out);
    expect(report).toMatchObject({
      drill: 'payments-errors',
      verdict: 'hit',
      page: { summary: 'payments fails.', service: 'payments', slo: 'payments/availability' },
    });
    expect(report.detectionSeconds).toBeGreaterThan(0);
    const names = ['injected', 'firstBad', 'stored', 'firing', 'sent', 'accepted', 'undone', 'resolved'];
    expect(Object.keys(report.stages)).toEqual(names);
    for (const name of names) expect(report.stages[name]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(code).toBe(0);
  }, 30_000);

  it('ends with 1 and says why when it is refused', async () => {
    await insertPage(chaos.owner, 'orders', 'orders/availability');
    const { code, out } = await bellwether('drill', 'payments-errors').ended;
    expect(code).toBe(1);
    expect(out).toMatch(/REFUSED \(fault \d+ \(orders\) is not resolved yet\)/);
  });

  it('undoes its fault on Ctrl-C', async () => {
    const { child, ended } = bellwether('drill', 'payments-errors', '--json');
    await until(isBroken);
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(await status()).toBe(200);
    expect(JSON.parse(out)).toMatchObject([{ verdict: 'cancelled' }]);
    expect(code).toBe(130);
  }, 30_000);
});

describe('bellwether fault', () => {
  it('starts, lists and stops a fault', async () => {
    expect((await bellwether('fault', 'start', 'payments-errors', '--ttl', '60s', '--share', '1').ended).code).toBe(0);
    expect(await status()).toBe(500);
    const list = JSON.parse((await bellwether('fault', 'list', '--json').ended).out);
    expect(list).toMatchObject([{ name: 'payments-errors', state: 'active', params: { share: 1 } }]);
    expect((await bellwether('fault', 'stop', list[0].id.slice(0, 8)).ended).code).toBe(0);
    expect(await status()).toBe(200);
    expect((await bellwether('fault', 'list').ended).out).toMatch(/No fault is in force/);
  }, 30_000);

  it('stops all of them and holds the rest back until the release', async () => {
    await bellwether('fault', 'start', 'payments-errors', '--ttl', '60s').ended;
    expect((await bellwether('fault', 'stop', '--all', '--hold').ended).code).toBe(0);
    expect(await status()).toBe(200);
    const refused = await bellwether('fault', 'start', 'payments-errors', '--ttl', '60s').ended;
    expect(refused).toMatchObject({ code: 1, error: expect.stringMatching(/global stop is pulled/) });
    expect((await bellwether('fault', 'release').ended).code).toBe(0);
  }, 30_000);
});

describe('bellwether load', () => {
  it('tells the shoppers', async () => {
    expect((await bellwether('load', 'flash-sale', '--for', '2m').ended).code).toBe(0);
    expect(chaos.load).toEqual([{ mode: 'flash-sale', forSeconds: 120 }]);
  });
});
