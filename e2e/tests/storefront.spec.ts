import { expect, test } from '../fixtures/test.ts';
import { mainOf } from '../pages/main-part.ts';
import { StorefrontPage } from '../pages/storefront-page.ts';

test('a customer searches, buys and sees the order; the console has the trace of that click, down to the database', async ({
  page,
  context,
  instance,
}) => {
  const traceIds: string[] = [];
  page.on('request', (request) => {
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

  const [traceId] = traceIds;
  await page.goto('/users');
  await mainOf(page)
    .getByRole('table', { name: 'Recent sessions' })
    .getByRole('link', { name: sessionId.slice(0, 8) })
    .click();
  // The browser sends its spans a second or two after they end, and the page does not wait for them.
  const link = mainOf(page).locator(`a[href="/traces/${traceId}"]`);
  await expect(async () => {
    await page.reload();
    await expect(link).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await link.click();
  const waterfall = mainOf(page).getByTestId('waterfall');
  const spans = [
    /^storefront-web POST/,
    /^storefront POST \/checkout/,
    /^gateway POST \/api\/checkout/,
    /^orders POST \/checkouts/,
    /^orders pg\.query:INSERT/,
  ];
  for (const span of spans) await expect(waterfall.getByRole('button', { name: span }).first()).toBeVisible();
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
