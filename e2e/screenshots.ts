import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { findBrowser } from '#cli/check/browser';
import { startSeededConsole } from './fixtures/seeded-console.ts';
import { walkStorefront } from './fixtures/storefront-walk.ts';

const usage = `Usage: node e2e/screenshots.ts --out <folder> [--url http://127.0.0.1:3000] [--fault <id>] [--trace <id>]
       node e2e/screenshots.ts --out <folder> --storefront http://127.0.0.1:4120

Pictures of every page at 1440 and 390 px, light and dark. Without --url it starts a console of its own on seeded data.
With --storefront they are the shop's pages, of an instance that runs.`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    url: { type: 'string' },
    fault: { type: 'string' },
    trace: { type: 'string' },
    storefront: { type: 'string' },
    port: { type: 'string', default: '9000' },
    only: { type: 'string', default: '' },
  },
});
if (values.out === undefined) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const out = values.out;
mkdirSync(out, { recursive: true });
const own =
  values.url === undefined && values.storefront === undefined
    ? await startSeededConsole({ port: Number(values.port), seed: true })
    : null;
const origin = own?.url ?? values.url ?? '';
const fault = own?.faultId ?? values.fault;
const trace = own?.traceId ?? values.trace;
const places: [string, string][] = [
  ['overview', '/'],
  ['service', '/services/payments'],
  ['registry', '/registry'],
  ['record', '/services/orders/record'],
  ['api', '/services/cart/api'],
  ['faults', '/faults'],
  ['business', '/business'],
  ...(fault === undefined ? [] : [['fault', `/faults/${fault}`] as [string, string]]),
  ...(trace === undefined ? [] : [['trace', `/traces/${trace}`] as [string, string]]),
  ['chaos', '/chaos'],
  ['users', '/users'],
  ['events', '/events'],
];

async function walkConsole(page: Page, show: (name: string) => Promise<void>): Promise<void> {
  for (const [name, path] of places) {
    if (!name.includes(values.only)) continue;
    await page.goto(`${origin}${path}`);
    await page.locator('[data-live="live"]').waitFor();
    await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null);
    // All of it is shut at first.
    if (name === 'api') await page.getByRole('button', { name: /^POST.*items/ }).click();
    if (name === 'events')
      await page
        .getByRole('button', { name: /^Payload/ })
        .first()
        .click();
    await show(name);
  }
}

async function takePicture(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(700);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const file = join(out, name);
  await page.screenshot({ path: file, fullPage: true });
  process.stdout.write(`${file}${overflow > 0 ? ` OVERFLOWS by ${overflow} px` : ''}\n`);
}

const { executablePath, args, env } = await findBrowser();
const browser = await chromium.launch({ executablePath, args, env });
for (const width of [1440, 390]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width, height: width > 800 ? 900 : 844 }, colorScheme });
    const page = await context.newPage();
    const show = (name: string): Promise<void> => takePicture(page, `${name}-${width}-${colorScheme}.png`);
    if (values.storefront !== undefined) await walkStorefront(page, values.storefront, show);
    else await walkConsole(page, show);
    await context.close();
  }
}
await browser.close();
await own?.stop();
process.exit(0);
