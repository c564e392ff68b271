import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBrowser } from '#cli/check/browser';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { readExceptions, readWebVitals } from '#telemetry/queries/rum';
import { startTestCollectors, type TestCollectors } from '../test-collectors.ts';

const key = 'pk_0123456789abcdef';
const traceId = 'ef'.repeat(16);
const bundle = join(import.meta.dirname, '../../node_modules/@grafana/faro-web-sdk/dist/bundle/faro-web-sdk.iife.js');

let store: TestStore;
let collectors: TestCollectors;
let site: { server: Server; origin: string };
let browser: Browser;

beforeAll(async () => {
  store = await startTestStore();
  site = await serveSite();
  const rates = { app: 1_000, address: 1_000, session: 1_000 };
  const apps = [{ name: 'shop-web', key, origins: [site.origin] }];
  collectors = await startTestCollectors(store.url, { faro: { apps, maxBodyBytes: 1_048_576, rates } });
  const { executablePath, args, env } = await findBrowser();
  browser = await chromium.launch({ executablePath, args, env });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  site?.server.close();
  await collectors?.stop();
  await store?.stop();
});

/** A page with the SDK's own bundle; it reports to another origin, so the browser asks for permission first. */
async function serveSite(): Promise<{ server: Server; origin: string }> {
  const script = readFileSync(bundle);
  const server = createServer((request, response) => {
    if (request.url === '/faro.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(pageHtml(collectors.url));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

function pageHtml(collectorsUrl: string): string {
  const nanos = `${Date.now()}000000`;
  const span = {
    traceId,
    spanId: 'ab'.repeat(8),
    name: 'click',
    kind: 3,
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
  };
  const resourceSpans = [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'web' }, spans: [span] }] }];
  return `<!doctype html><title>Shop</title><h1>Shop</h1><button>Pay</button>
<script src="/faro.js"></script>
<script>
  const faro = GrafanaFaroWebSdk.initializeFaro({
    url: '${collectorsUrl}/collect',
    apiKey: '${key}',
    app: { name: 'shop', version: '1.2.3', environment: 'test' },
    user: { id: 'u-77', email: 'alice@example.com', username: 'alice77' },
  });
  faro.api.pushEvent('cart_opened', { step: 'one' }, 'shop');
  faro.api.pushMeasurement({ type: 'cart', values: { items: 3 } });
  faro.api.pushLog(['paid with 4111 1111 1111 1111 by bob@example.com']);
  faro.api.pushTraces(${JSON.stringify({ resourceSpans })});
  document.querySelector('button').addEventListener('click', () => {
    document.querySelector('h1').textContent = 'Paying';
    throw new TypeError('cannot pay for carol@example.com');
  });
</script>`;
}

type Stored = Record<string, unknown> & { kind: string; name: string; message: string };

async function readStored(): Promise<Stored[]> {
  const query = 'SELECT * FROM rum_events ORDER BY timestamp';
  return (await store.client.query({ query, format: 'JSONEachRow' })).json<Stored>();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 150 && !(await condition()); attempt++) await delay(200);
}

test('what the stock SDK sends from a browser is accepted and stored: session, event, exception, vitals, log, span', async () => {
  const page = await browser.newPage();
  const answers: number[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/collect') && response.request().method() === 'POST') answers.push(response.status());
  });
  await page.goto(`${site.origin}/checkout?token=hush-hush#private-part`);
  await page.click('button');
  const has = (rows: Stored[], kind: string, name: string): boolean =>
    rows.some((row) => row.kind === kind && row.name === name);
  // What is answered after the page was left is told to nobody.
  await until(async () => answers.length > 0 && has(await readStored(), 'exception', 'TypeError'));
  // LCP and CLS are final when the page is left.
  await page.goto('about:blank');
  const range = { fromMs: Date.now() - 600_000, toMs: Date.now() + 600_000 };
  const wanted = ['cls', 'fcp', 'lcp', 'ttfb'];
  const vitals = async () => (await readWebVitals(store.client, range)).map(({ vital }) => vital as string);
  await until(async () => {
    const seen = await vitals();
    return wanted.every((vital) => seen.includes(vital));
  });

  const rows = await readStored();
  expect(answers.length).toBeGreaterThan(0);
  expect(new Set(answers)).toEqual(new Set([202]));
  expect(has(rows, 'event', 'session_start')).toBe(true);
  expect(rows.find(({ name }) => name === 'cart_opened')).toMatchObject({
    app: 'shop-web',
    app_version: '1.2.3',
    environment: 'test',
    page_url: `${site.origin}/checkout`,
    session_id: expect.stringMatching(/\w{5}/),
    browser: expect.stringMatching(/chrom/i),
    attributes: { step: 'one', domain: 'shop' },
  });
  expect(rows.find(({ name }) => name === 'cart')).toMatchObject({ kind: 'measurement', values: { items: 3 } });
  expect(rows.find(({ kind }) => kind === 'log')).toMatchObject({ message: 'paid with [card] by [email]' });
  expect(await readExceptions(store.client, range)).toMatchObject([
    { type: 'TypeError', message: expect.stringContaining('cannot pay for [email]'), count: 1, sessions: 1 },
  ]);
  const thrown = rows.find(({ kind }) => kind === 'exception');
  expect(JSON.parse(String(thrown?.stacktrace))[0]).toMatchObject({ filename: `${site.origin}/checkout` });
  expect(await vitals()).toEqual(expect.arrayContaining(wanted));
  expect(JSON.stringify(rows)).not.toMatch(/hush-hush|private-part|alice|u-77|bob@|carol/);
  const query = `SELECT ServiceName, SpanName FROM otel_traces WHERE TraceId = '${traceId}'`;
  const spans = await (await store.client.query({ query, format: 'JSONEachRow' })).json();
  expect(spans).toEqual([{ ServiceName: 'shop-web', SpanName: 'click' }]);
});
