import { expect, test } from '../fixtures/test.ts';
import { ChaosPage } from '../pages/chaos-page.ts';
import { mainOf } from '../pages/main-part.ts';

test('a fault is injected, its page arrives without a reload, is acknowledged, and resolves once the fault is undone', async ({
  context,
  overview,
  fault,
}) => {
  await overview.open();
  await overview.untilHealthy();
  await overview.page.evaluate(() => Reflect.set(window, 'sameDocument', true));

  const chaosTab = await context.newPage();
  const chaos = new ChaosPage(chaosTab);
  await chaos.open();
  await chaos.start('payments-errors', 300);

  await overview.page.bringToFront();
  await expect(overview.pager).toContainText('payments is hurting customers', { timeout: 120_000 });
  await expect(overview.headline).toHaveAttribute('data-tone', 'hurt');
  await expect(mainOf(overview.page).getByTestId('injected')).toContainText('payments-errors');
  expect(await overview.page.evaluate(() => Reflect.get(window, 'sameDocument'))).toBe(true);

  await overview.pager.getByRole('link', { name: 'Open the fault' }).click();
  await expect(fault.heading).toContainText('payments');
  await expect(fault.ledger).toContainText('Page accepted');
  await fault.acknowledge.click();
  await fault.untilState('acknowledged');

  await chaosTab.bringToFront();
  await chaos.stop('payments-errors');

  await overview.page.bringToFront();
  await fault.untilState('resolved', 120_000);
  await expect(fault.heading).toContainText('Resolved by itself');
  await overview.open();
  await overview.untilHealthy();
});
