import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#process/logger';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import type { EventRow } from '../rows.ts';
import { createWriter } from '../writer/writer.ts';
import { readOrderSteps, readSessions } from './funnel.ts';

const t0 = 1_764_000_000_000;
const minuteMs = 60_000;
const range = { fromMs: t0, toMs: t0 + 10 * minuteMs, stepSeconds: 60 };
let store: TestStore;

function makeEvent(
  id: string,
  minute: number,
  type: string,
  sessionId: string,
  more: Partial<EventRow> = {},
): EventRow {
  return {
    id,
    source: '/services/shop',
    type,
    subject: sessionId,
    timeMs: t0 + minute * minuteMs,
    traceId: '',
    sessionId,
    device: 'phone',
    channel: 'app',
    orderId: '',
    amountMinor: 0,
    currency: '',
    data: '{}',
    ...more,
  };
}

const euros = (amountMinor: number): Partial<EventRow> => ({ amountMinor, currency: 'EUR' });
const desktop = { device: 'desktop', channel: 'web' };
const nameless = { device: '', channel: '' };

const events = [
  makeEvent('a1', 1, 'product.viewed', 'buyer'),
  makeEvent('a2', 1.5, 'product.viewed', 'buyer'),
  makeEvent('a3', 2, 'cart.updated', 'buyer'),
  makeEvent('a4', 2.5, 'cart.updated', 'buyer'),
  makeEvent('a5', 3, 'order.placed', 'buyer', euros(4_990)),
  makeEvent('a6', 3.1, 'order.confirmed', 'buyer', euros(4_990)),
  makeEvent('a7', 3.2, 'cart.checked_out', 'buyer', nameless),
  makeEvent('b1', 1, 'product.viewed', 'viewer', desktop),
  makeEvent('c1', 1, 'product.viewed', 'leaver', desktop),
  makeEvent('c2', 4, 'cart.updated', 'leaver', desktop),
  makeEvent('d1', 5, 'order.placed', 'declined', { ...desktop, ...euros(100) }),
  makeEvent('d2', 5.1, 'order.cancelled', 'declined', { ...desktop, ...euros(100) }),
  makeEvent('e1', 6, 'review.written', 'reader', nameless),
  // Software: a crawler, a partner's program, also where an event of theirs does not say so.
  makeEvent('s1', 1, 'product.viewed', 'crawler', { device: 'bot', channel: 'crawler' }),
  makeEvent('s2', 2, 'search.performed', 'crawler', nameless),
  makeEvent('s3', 3, 'product.viewed', 'partner', { device: 'api', channel: 'partner' }),
  // Began before the range and pays in it; in another currency.
  makeEvent('f1', -2, 'product.viewed', 'early'),
  makeEvent('f2', 3.5, 'order.confirmed', 'early', { amountMinor: 700, currency: 'CHF' }),
  // A shop that sends no session: money, but nobody in the funnel.
  makeEvent('g1', 7, 'order.confirmed', '', euros(10)),
  makeEvent('h1', 10, 'order.confirmed', 'after the end', euros(1)),
];

beforeAll(async () => {
  store = await startTestStore();
  // Sent again, and by another process: the same id with the same and with a later time.
  const again = events.map((event) => ({ ...event, timeMs: event.timeMs + 1 }));
  for (const batch of [events, events, again]) {
    const writer = createWriter({ client: store.client, clock: () => Date.now(), logger: createLogger('test') });
    await writer.appendEvents(batch);
    await writer.close();
  }
});

afterAll(() => store.stop());

test('each session counts once, at its furthest step and all before it, however often its events come', async () => {
  expect((await readSessions(store.client, range)).funnel).toEqual([
    { device: '', channel: '', browsed: 1, viewed: 0, carts: 0, checkouts: 0, paid: 0 },
    { device: 'desktop', channel: 'web', browsed: 3, viewed: 3, carts: 2, checkouts: 1, paid: 0 },
    { device: 'phone', channel: 'app', browsed: 2, viewed: 2, carts: 2, checkouts: 2, paid: 2 },
  ]);
});

test('sessions begin, get a cart and pay once each, in the minute where it happened', async () => {
  const { steps } = await readSessions(store.client, range);
  expect(steps.map(({ bucketMs, ...counts }) => [(bucketMs - t0) / minuteMs, counts])).toEqual([
    [1, { sessions: 3, carts: 0, paid: 0 }],
    [2, { sessions: 0, carts: 1, paid: 0 }],
    [3, { sessions: 0, carts: 1, paid: 2 }],
    [4, { sessions: 0, carts: 1, paid: 0 }],
    [5, { sessions: 1, carts: 1, paid: 0 }],
    [6, { sessions: 1, carts: 0, paid: 0 }],
  ]);
});

test('an order counts once however often its event comes, and currencies are never added up', async () => {
  const steps = await readOrderSteps(store.client, range);
  expect(steps.filter(({ orders }) => orders > 0)).toEqual([
    { bucketMs: t0 + 3 * minuteMs, currency: 'CHF', orders: 1, revenueMinor: 700 },
    { bucketMs: t0 + 3 * minuteMs, currency: 'EUR', orders: 1, revenueMinor: 4_990 },
    { bucketMs: t0 + 7 * minuteMs, currency: 'EUR', orders: 1, revenueMinor: 10 },
  ]);
});

test('a minute in which something happened and nothing was sold differs from one of which nothing is known', async () => {
  const steps = await readOrderSteps(store.client, range);
  const seen = new Set(steps.map(({ bucketMs }) => (bucketMs - t0) / minuteMs));
  expect([...seen]).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(steps.filter(({ bucketMs }) => bucketMs === t0 + minuteMs)).toEqual([
    { bucketMs: t0 + minuteMs, currency: '', orders: 0, revenueMinor: 0 },
  ]);
});
