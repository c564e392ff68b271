import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTelemetryClient } from '#telemetry/client';
import { inheritedEnv, readEnv } from '../env.ts';
import { findInstance } from '../fixtures/instance.ts';
import { expect, test } from '../fixtures/test.ts';
import { mainOf } from '../pages/main-part.ts';

const port = 4140 + readEnv().E2E_PORT_OFFSET;
const url = `http://127.0.0.1:${port}`;
let outside: ChildProcess;
let visiting = true;

test.beforeAll(async () => {
  outside = spawn(process.execPath, ['--import', './telemetry.mjs', 'app.mjs', String(port)], {
    cwd: join(import.meta.dirname, '../outside-service'),
    stdio: 'ignore',
    env: {
      ...inheritedEnv(),
      NODE_ENV: 'production',
      OTEL_EXPORTER_OTLP_ENDPOINT: findInstance().otlpUrl,
      OTEL_SERVICE_NAME: 'newsletter',
    },
  });
  void visit();
});

test.afterAll(async () => {
  visiting = false;
  const exited = once(outside, 'exit');
  outside.kill('SIGTERM');
  await exited;
});

/** Ten visits a second. */
async function visit(): Promise<void> {
  while (visiting) {
    fetch(url).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
    await delay(100);
  }
}

test('a stranger with the stock SDK appears with traces, logs and metrics, and pages when it fails', async ({
  page,
  overview,
  instance,
}) => {
  await overview.open();
  await expect(overview.services.getByRole('row', { name: /newsletter/ })).toBeVisible({ timeout: 60_000 });
  await page.goto('/services/newsletter');
  await expect(mainOf(page).getByText('automatic')).toBeVisible({ timeout: 60_000 });
  await expect(
    mainOf(page).getByRole('table', { name: 'Slowest traces' }).locator('tr[data-row]').first(),
  ).toBeVisible();
  await expect(mainOf(page).getByText('None on record.')).toBeVisible();

  const store = createTelemetryClient({ url: instance.clickhouseUrl, lane: 'console' });
  const count = async (query: string): Promise<number> => {
    const answer = await store.query({ query, format: 'JSONEachRow' });
    const rows = await answer.json<{ n: string }>();
    return Number(rows[0]?.n);
  };
  const logs = "SELECT count() AS n FROM otel_logs WHERE ServiceName = 'newsletter'";
  const metrics = "SELECT count() AS n FROM series WHERE labels['job'] = 'newsletter'";
  await expect.poll(() => count(logs), { timeout: 30_000 }).toBeGreaterThan(0);
  // The stock SDK exports metrics once a minute.
  await expect.poll(() => count(metrics), { timeout: 90_000, intervals: [2_000] }).toBeGreaterThan(0);
  await store.close();

  await overview.open();
  await fetch(`${url}/fail?on=1`);
  await expect(overview.pager).toContainText('newsletter is hurting customers', { timeout: 90_000 });
  await fetch(`${url}/fail?on=0`);
  await overview.untilHealthy();
});
