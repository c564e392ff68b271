import { expect, test } from '@playwright/test';
import { readEnv } from '../env.ts';
import { type SeededConsole, startSeededConsole } from '../fixtures/seeded-console.ts';
import { mainOf } from '../pages/main-part.ts';

// A console of its own, on the state of a shop in trouble.
let own: SeededConsole;

test.beforeAll(async () => {
  own = await startSeededConsole({ port: 3002 + readEnv().E2E_PORT_OFFSET, seed: true });
});
test.afterAll(async () => {
  await own.stop();
});

test('the registry says whose each service is and how it is, and is walked with the keyboard', async ({ page }) => {
  await page.goto(`${own.url}/registry`);
  await page.locator('[data-live="live"]').waitFor();
  const table = mainOf(page).getByRole('table', { name: 'Services on record' });
  const payments = table.getByRole('row', { name: /payments/ });
  await expect(payments).toContainText('Violated now');
  await expect(payments).toContainText('Noor Haddad');
  await expect(table.getByRole('row', { name: /stranger/ })).toContainText('nobody');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = table.locator('tr[data-row]').nth(1);
  await expect(second).toBeFocused();
  await page.keyboard.press('k');
  await expect(table.locator('tr[data-row]').nth(0)).toBeFocused();
  const name = ((await table.locator('tr[data-row]').nth(0).getByRole('link').textContent()) ?? '').trim();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/services/${name}/record$`));
  await expect(mainOf(page).getByRole('heading', { level: 1 })).toHaveText(name);
});

test('a record shows what is missing, what was declared and what was seen, and the versions', async ({ page }) => {
  await page.goto(`${own.url}/services/orders/record`);
  const scorecard = mainOf(page).getByRole('table', { name: 'Scorecard of orders' });
  await expect(scorecard.getByRole('row', { name: /Owner/ })).toContainText('Checkout');
  await expect(scorecard.getByRole('row', { name: /Alert proven/ })).toContainText(
    'npx bellwether drill orders-errors',
  );
  const needs = mainOf(page).getByRole('table', { name: 'What orders depends on' });
  await expect(needs.getByRole('row', { name: /payments/ })).toContainText('Declared and seen');
  await expect(needs.getByRole('row', { name: /cart/ })).toContainText('Declared, not seen');
  await expect(mainOf(page).getByRole('table', { name: 'Versions seen' })).toContainText('0.1.0');
  await page.goto(`${own.url}/services/payments/record`);
  await expect(
    mainOf(page)
      .getByRole('table', { name: 'Scorecard of payments' })
      .getByRole('row', { name: /Alert proven/ }),
  ).toContainText('drill payments-errors paged in time');
});

test('an API is shown with its examples; a service that does not run says so when it is tried', async ({ page }) => {
  await page.goto(`${own.url}/services/cart/api`);
  const main = mainOf(page);
  await main.getByRole('button', { name: /POST.*items/ }).click();
  await expect(main.getByLabel('Example of the body')).toContainText('"sku": "BW-0041-BLK-M"');
  await main.getByRole('button', { name: /^Send POST/ }).click();
  await expect(main.getByRole('alert')).toContainText('does not answer');
});

test('nothing is sent for another site, for what the API does not have, or for a service without one', async ({
  request,
}) => {
  const data = { api: 'cart', method: 'GET', path: '/carts/{id}', values: { id: 'x' }, body: '', authorization: '' };
  const ask = (service: string, more: object, origin: string) =>
    request.post(`${own.url}/api/services/${service}/try`, { data: { ...data, ...more }, headers: { origin } });
  expect((await ask('cart', {}, 'https://evil.example')).status()).toBe(403);
  expect((await ask('cart', { path: '/faults' }, own.url)).status()).toBe(400);
  expect((await ask('cart', { url: 'http://127.0.0.1' }, own.url)).status()).toBe(400);
  expect((await ask('stranger', {}, own.url)).status()).toBe(404);
  expect((await ask('cart', {}, own.url)).status()).toBe(502);
});

test('business shows money above what customers felt, with the version, the flag and the fault marked', async ({
  page,
}) => {
  await page.goto(`${own.url}/business`);
  const main = mainOf(page);
  await expect(main.getByRole('figure').filter({ hasText: 'Checkouts that failed' })).toBeVisible();
  const marks = main.getByRole('list', { name: 'Marks on the charts' });
  await expect(marks).toContainText('catalog 0.2.0 deployed');
  await expect(marks).toContainText('flag one-page-checkout: off → on by maria');
  await expect(marks).toContainText('payments-errors injected');
  const download = page.waitForEvent('download');
  await main.getByRole('link', { name: 'Export CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/^business-.*\.csv$/);
});

for (const path of ['/registry', '/services/orders/record', '/services/gateway/api', '/business']) {
  test(`${path} fits 390 pixels, and every page can be reached from it`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${own.url}${path}`);
    await page.locator('[data-live]').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    const links = page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('link');
    for (const link of await links.all()) await link.click({ trial: true, timeout: 20_000 });
  });
}
