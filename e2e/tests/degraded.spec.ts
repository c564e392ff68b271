import { randomUUID } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { createLogger } from '#process/logger';
import { makeSpan } from '#telemetry/test-rows';
import { createWriter } from '#telemetry/writer/writer';
import { readEnv } from '../env.ts';
import { type SeededConsole, startSeededConsole } from '../fixtures/seeded-console.ts';
import { mainOf } from '../pages/main-part.ts';

// A console of its own on an empty store: what a person sees first, and what is left when the store goes away.
let own: SeededConsole;

test.beforeAll(async () => {
  own = await startSeededConsole({ port: 3001 + readEnv().E2E_PORT_OFFSET, seed: false });
});
test.afterAll(async () => {
  await own.stop();
});

test('an empty page says what fills it', async ({ page }) => {
  await page.goto(own.url);
  await expect(mainOf(page).getByTestId('headline')).toContainText('nothing is measured yet');
  await expect(mainOf(page).getByText('No service has sent a span yet')).toBeVisible();
  await page.goto(`${own.url}/faults`);
  await expect(mainOf(page).getByText('npx bellwether drill payments-errors')).toBeVisible();
  await page.goto(`${own.url}/business`);
  await expect(mainOf(page).getByText('No session and no order in this time')).toBeVisible();
  await page.goto(`${own.url}/services/nobody`);
  await expect(mainOf(page).getByText('None on record.')).toBeVisible();
  await page.goto(`${own.url}/traces/${'0'.repeat(32)}`);
  await expect(mainOf(page).getByText('There is no such trace')).toBeVisible();
});

test('a trace that is opened too early fills itself with the spans that arrive, without a reload', async ({ page }) => {
  const writer = createWriter({ client: own.store.client, clock: () => Date.now(), logger: createLogger('e2e') });
  const TraceId = randomUUID().replaceAll('-', '');
  await page.goto(`${own.url}/traces/${TraceId}`);
  await expect(mainOf(page).getByText('There is no such trace')).toBeVisible();
  await page.evaluate(() => document.documentElement.setAttribute('data-opened', 'once'));
  for (const ServiceName of ['gateway', 'cart']) {
    await writer.appendTraces([makeSpan(Date.now(), { TraceId, ServiceName })], ServiceName);
    await expect(mainOf(page).getByTestId('waterfall').getByRole('button', { name: ServiceName })).toBeVisible();
  }
  await writer.close();
  await expect(mainOf(page).getByText('more spans may arrive')).toBeVisible();
  await expect(mainOf(page).getByText('more spans may arrive')).toHaveCount(0, { timeout: 40_000 });
  // An attribute that the test has set goes with its document: nobody has loaded another.
  await expect(page.locator('html[data-opened="once"]')).toHaveCount(1);
});

test('with chaos switched off, the page says so and offers nothing', async ({ page }) => {
  await page.goto(`${own.url}/chaos`);
  await expect(mainOf(page).getByText('Chaos is switched off here')).toBeVisible();
  await expect(mainOf(page).getByRole('button', { name: /^(Start|Run|Global stop)/ })).toHaveCount(0);
});

test('a page that arrives twice is one page, and rings in an open console without a reload', async ({
  page,
  request,
}) => {
  await page.goto(`${own.url}/chaos`);
  await page.locator('[data-live="live"]').waitFor();
  const data = {
    version: '4',
    groupKey: 'fault/7b2e8f4c-0d7e-4c59-8d3f-2a3a0a4a1f11',
    status: 'firing',
    alerts: [],
    commonLabels: { service: 'payments' },
    commonAnnotations: { summary: 'Four in five checkouts fail.' },
  };
  const headers = { authorization: `Bearer ${own.pagerToken}`, 'idempotency-key': 'once' };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect((await request.post(`${own.url}/api/pager`, { data, headers })).status()).toBe(200);
  }
  await expect(page.getByTestId('pager').getByText('Four in five checkouts fail.')).toHaveCount(1);
  const malformed = await request.post(`${own.url}/api/pager`, { data: { ...data, groupKey: 'x' }, headers });
  expect(malformed.status()).toBe(400);
});

test('a store that goes away is named with what is lost, and the page fills itself when it is back', async ({
  page,
}) => {
  await page.goto(own.url);
  await page.locator('[data-live="live"]').waitFor();
  await own.store.kill();
  await expect(
    mainOf(page)
      .getByText(/The telemetry store \(ClickHouse\) cannot be read/)
      .first(),
  ).toBeVisible();
  await expect(
    mainOf(page)
      .getByText(/nothing that was acknowledged is lost/)
      .first(),
  ).toBeVisible();
  await own.store.restart();
  await expect(mainOf(page).getByText(/cannot be read/)).toHaveCount(0);
});
