import { PgBoss } from 'pg-boss';
import { expect, test } from '../fixtures/test.ts';

test('the time range is in the URL and survives a reload', async ({ overview, page }) => {
  await overview.open();
  await page.getByLabel('Time range').selectOption('1h');
  await expect(page).toHaveURL(/range=1h/);
  await page.reload();
  await expect(page.getByLabel('Time range')).toHaveValue('1h');
  await overview.services.getByRole('link', { name: 'orders' }).click();
  await expect(page).toHaveURL(/services\/orders\?range=1h/);
  await expect(page.getByLabel('Time range')).toHaveValue('1h');
});

test('everything can be reached by keyboard', async ({ overview, page }) => {
  await overview.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();

  await overview.services.getByRole('row', { name: /gateway/ }).waitFor();
  await page.keyboard.press('j');
  const first = overview.services.locator('tr[data-row]').nth(0);
  const second = overview.services.locator('tr[data-row]').nth(1);
  await expect(first).toBeFocused();
  await page.keyboard.press('j');
  await expect(second).toBeFocused();
  const name = (await second.getByRole('link').textContent()) ?? '';
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/services/${name.trim()}`));

  await page.keyboard.press('/');
  await page.getByLabel('Search services, faults and pages').fill('cha');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/chaos$/);
});

for (const path of [
  '/',
  '/services/orders',
  '/services/orders/record',
  '/services/orders/api',
  '/registry',
  '/faults',
  '/business',
  '/users',
  '/events',
  '/chaos',
]) {
  test(`${path} has one heading of the first level, a main part, and a name for every control`, async ({ page }) => {
    await page.goto(path);
    await page.locator('[data-live="live"]').waitFor();
    await expect(page.getByRole('main')).toHaveCount(1);
    await expect(page.locator('h1')).toHaveCount(1);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, a[href], input, select')]
        .filter((element) => element.offsetParent !== null)
        .filter((element) => {
          const labelled = (element as HTMLInputElement).labels?.length ?? 0;
          const name =
            element.getAttribute('aria-label') ?? element.getAttribute('aria-labelledby') ?? element.textContent;
          return labelled === 0 && name.trim() === '' && element.getAttribute('aria-hidden') !== 'true';
        })
        .map((element) => element.outerHTML.slice(0, 200)),
    );
    expect(nameless).toEqual([]);
  });

  test(`${path} fits 390 pixels`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(path);
    await page.locator('[data-live="live"]').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    // Each link can be hit: nothing lies over it.
    const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
    for (const link of await links.all()) await link.click({ trial: true, timeout: 20_000 });
  });
}

test('a dead letter is shown with its reason and payload, and replayed', async ({ instance, page }) => {
  // No service publishes such a thing: it comes from elsewhere, and no retry helps.
  const boss = new PgBoss({ connectionString: instance.busUrl, migrate: false, supervise: false, max: 1 });
  boss.on('error', () => {});
  await boss.start();
  await boss.send('collectors.events', { nonsense: true });
  await boss.stop({ graceful: false });
  await page.goto('/events');
  const queue = page.locator('[data-queue="collectors.events"]');
  const letter = queue.getByTestId('dead-letter').first();
  await expect(letter).toBeVisible({ timeout: 60_000 });
  await letter.getByRole('button', { name: /^Payload/ }).click();
  await expect(letter.getByText('"nonsense": true')).toBeVisible();
  const { dataset } = await letter.evaluate((element) => ({ dataset: { ...(element as HTMLElement).dataset } }));
  await letter.getByRole('button', { name: /^Replay/ }).click();
  const replayed = page.getByRole('row', { name: /one of collectors\.events.*1 handed to the consumer again/ });
  await expect(replayed.first()).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(`[data-id="${dataset.id}"]`)).toHaveCount(0, { timeout: 60_000 });
});

test('light and dark follow the system until switched', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('/faults');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
});

test('what another site makes the browser send is refused, with the reason', async ({ instance, request }) => {
  const url = `${instance.consoleUrl}/api/chaos/commands`;
  const data = { kind: 'stop-all', params: {} };
  const foreign = await request.post(url, { data, headers: { origin: 'https://evil.example' } });
  expect(foreign.status()).toBe(403);
  expect((await foreign.json()).error).toContain('another site');
  const absent = await request.post(url, { data });
  expect(absent.status()).toBe(403);
  const fault = `${instance.consoleUrl}/api/faults/7b2e8f4c-0d7e-4c59-8d3f-2a3a0a4a1f11`;
  for (const decision of ['acknowledge', 'resolve']) {
    const answer = await request.post(`${fault}/${decision}`, { data: {}, headers: { origin: 'http://localhost:1' } });
    expect(answer.status()).toBe(403);
  }
  const rebound = await request.get(instance.consoleUrl, { headers: { host: 'evil.example' } });
  expect(rebound.status()).toBe(403);
});

test('a page is taken only with the token, and only well-formed', async ({ instance, request }) => {
  const url = `${instance.consoleUrl}/api/pager`;
  expect((await request.post(url, { data: {} })).status()).toBe(401);
  expect((await request.post(url, { data: {}, headers: { authorization: 'Bearer guess' } })).status()).toBe(401);
});

test('scripts run only by nonce, and the page cannot be framed', async ({ page }) => {
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  const response = await page.goto('/');
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
  expect(policy).toContain("frame-ancestors 'none'");
  await page.locator('[data-live="live"]').waitFor();
  await page.locator('.recharts-surface').first().waitFor();
  expect(problems).toEqual([]);
});
