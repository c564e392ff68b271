import { expect, test } from '../fixtures/test.ts';
import { mainOf } from '../pages/main-part.ts';
import { StorefrontPage } from '../pages/storefront-page.ts';

test('a customer searches, buys and sees the order; the console has the trace of that click, down to the database', async ({
  page,
  context,
  instance,
}) => {
  const traceIds: string[] = [];
  const reports: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/collect') reports.push(request.postData() ?? '');
    const traceparent = request.headers().traceparent;
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/checkout' && traceparent !== undefined) {
      traceIds.push(traceparent.split('-')[1] ?? '');
    }
  });
  const shop = new StorefrontPage(page, instance.storefrontUrl);
  await shop.open();
  await shop.search('merino jumper');
  const name = await shop.openFirst();
  await shop.addToBag();
  const orderId = await shop.buy();
  await expect(mainOf(page).getByRole('heading', { level: 1 })).toHaveText('Thank you. It is yours.');
  await expect(mainOf(page)).toContainText(name);
  expect(orderId).toMatch(/^[0-9a-f-]{36}$/);
  expect(traceIds).toHaveLength(1);

  const cookie = (await context.cookies(instance.storefrontUrl)).find((each) => each.name === 'shop');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const { sessionId } = JSON.parse(Buffer.from(cookie?.value ?? '', 'base64url').toString());

  // Like somebody who reads that it is theirs: the browser sends its spans a second or two after they end.
  const [traceId = ''] = traceIds;
  await expect.poll(() => reports.some((report) => report.includes(traceId))).toBe(true);
  await page.goto('/users');
  await mainOf(page)
    .getByRole('table', { name: 'Recent sessions' })
    .getByRole('link', { name: sessionId.slice(0, 8) })
    .click();
  await page.waitForURL(`**/users/${sessionId}`);
  const link = mainOf(page).locator(`a[href="/traces/${traceId}"]`);
  await link.click();
  await page.waitForURL(`**/traces/${traceId}`);
  const waterfall = mainOf(page).getByTestId('waterfall');
  const spans = [
    /^storefront-web POST/,
    /^storefront POST \/checkout/,
    /^gateway POST \/api\/checkout/,
    /^orders POST \/checkouts/,
    /^orders INSERT checkouts; .*COMMIT/,
  ];
  // The browser's span may be stored some seconds before those of the services; both pages fill themselves.
  for (const name of spans) await expect(waterfall.getByRole('button', { name }).first()).toBeVisible();
  await expect(mainOf(page).getByRole('heading', { level: 1 })).toContainText('storefront-web: ');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('a customer searches, buys and sees the order all the same', async ({ page, instance }) => {
    const shop = new StorefrontPage(page, instance.storefrontUrl);
    await page.goto(instance.storefrontUrl);
    await shop.search('linen shirt');
    const name = await shop.openFirst();
    await shop.addToBag();
    await shop.buy();
    await expect(mainOf(page).getByRole('heading', { level: 1 })).toHaveText('Thank you. It is yours.');
    await expect(mainOf(page)).toContainText(name);
  });
});

test('a customer opens an account and says which mails they want; it is still so after a reload', async ({
  page,
  instance,
}) => {
  await page.goto(`${instance.storefrontUrl}/register`);
  const email = `grace-${Date.now().toString(36)}@example.com`;
  await new StorefrontPage(page, instance.storefrontUrl).register({ name: 'Grace', email, password: 'three words do' });
  const mails = mainOf(page).getByRole('form', { name: 'Mails' });
  const orders = mails.getByLabel('What becomes of an order');
  await expect(orders).toHaveValue('each');
  await orders.selectOption('together, once a day');
  await mails.getByRole('button', { name: 'Write to me like this' }).click();
  await expect(mails.getByRole('status')).toHaveText('As you wish.');
  await expect(orders).toHaveValue('daily');
  await page.reload();
  await expect(orders).toHaveValue('daily');
  await expect(mails.getByLabel('What concerns the account')).toHaveValue('each');
});
