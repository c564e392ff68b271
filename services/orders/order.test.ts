import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventAfter, placedData } from './log-fixture.ts';
import { applyEvent, CorruptOrderError, foldOrder, foldVersion, type OrderEvent, type RecordedEvent } from './order.ts';

const placed: OrderEvent = { type: 'placed', data: placedData };
const needsHuman: OrderEvent = { type: 'needs_human', data: { call: 'release', attempts: 40 } };
const left = [{ sku: 'BW-0001-BLK-M', requested: 1, left: 0 }];

function record(...events: OrderEvent[]): RecordedEvent[] {
  return events.map((event, index) => ({ ...event, version: index + 1, atMs: 1_000 * index }));
}

const stockRequested: OrderEvent = { type: 'stock_requested', data: {} };
const stockReserved: OrderEvent = { type: 'stock_reserved', data: { expiresAt: '2026-11-23T08:15:00.000Z' } };
const paymentRequested: OrderEvent = { type: 'payment_requested', data: { paymentId: 'pay_1' } };
const authorised: OrderEvent = { type: 'payment_authorised', data: { paymentId: 'pay_1' } };
const commitRequested: OrderEvent = { type: 'stock_commit_requested', data: {} };
const committed: OrderEvent = { type: 'stock_committed', data: {} };
const captureRequested: OrderEvent = { type: 'capture_requested', data: { paymentId: 'pay_1' } };
const captured: OrderEvent = { type: 'payment_captured', data: { paymentId: 'pay_1' } };
const confirmed: OrderEvent = { type: 'confirmed', data: {} };
const gaveUp: OrderEvent = { type: 'compensation_started', data: { reason: { code: 'payments_unavailable' } } };
const refunded: OrderEvent = { type: 'payment_refunded', data: { paymentId: 'pay_1' } };
const released: OrderEvent = { type: 'stock_released', data: {} };

describe('the state of an order', () => {
  it.each<[string, OrderEvent[], object]>([
    ['placed', [], { stock: 'none', payment: 'none', outcome: 'open', reason: null }],
    ['asked for stock', [stockRequested], { stock: 'maybe', payment: 'none', outcome: 'open' }],
    ['holding stock', [stockRequested, stockReserved], { stock: 'held', payment: 'none', outcome: 'open' }],
    [
      'without stock',
      [stockRequested, { type: 'stock_refused', data: { left } }],
      { stock: 'refused', reason: { code: 'out_of_stock', left }, outcome: 'open' },
    ],
    [
      'asked for money',
      [stockRequested, stockReserved, paymentRequested],
      { stock: 'held', payment: 'maybe', paymentId: 'pay_1' },
    ],
    [
      'declined',
      [
        stockRequested,
        stockReserved,
        paymentRequested,
        { type: 'payment_declined', data: { declineReason: 'expired' } },
      ],
      { stock: 'held', payment: 'declined', reason: { code: 'payment_declined', declineReason: 'expired' } },
    ],
    [
      'confirmed',
      [stockRequested, stockReserved, paymentRequested, authorised, commitRequested, committed, confirmed],
      { stock: 'committed', payment: 'authorised', outcome: 'confirmed', reason: null },
    ],
    [
      'paid',
      [authorised, commitRequested, committed, captureRequested, confirmed, captured],
      { stock: 'committed', payment: 'captured', outcome: 'confirmed', updatedAtMs: 5_000 },
    ],
    [
      'undone',
      [stockRequested, stockReserved, paymentRequested, gaveUp, refunded, released],
      { stock: 'released', payment: 'refunded', outcome: 'open', reason: { code: 'payments_unavailable' } },
    ],
  ])('is the sum of its events: %s', (_name, events, expected) => {
    const log = record(placed, ...events);
    expect(foldOrder('o-1', log)).toMatchObject({
      version: log.length,
      updatedAtMs: 1_000 * events.length,
      ...expected,
    });
  });

  it.each<[string, RecordedEvent[]]>([
    ['nothing', []],
    ['no placed', record(stockRequested)],
    ['two placed', record(placed, placed)],
    ['a gap', record(placed, stockRequested, stockReserved).filter(({ version }) => version !== 2)],
    ['a retry of what is not stuck', record(placed, { type: 'retry_requested', data: { by: 'grace' } })],
    ['something by itself after it needed a human', record(placed, needsHuman, stockReserved)],
    ['money taken that was not asked for', record(placed, authorised, confirmed, captured)],
    ['something after the end', record(placed, confirmed, stockReserved)],
  ])('is refused of a log with %s', (_name, log) => {
    expect(() => foldOrder('o-1', log)).toThrow(CorruptOrderError);
  });

  it('comes out of every event as it did under this fold version: whoever changes that raises it', () => {
    const start = foldOrder('o-1', record(placed));
    const states = [start];
    const seen = new Set<string>();
    for (let n = 0; n < 2_000; n += 1) {
      const state = (n % 20 === 0 ? start : states.at(-1)) ?? start;
      const event = eventAfter(state, n * 7 + Math.floor(n / 20));
      if (event === undefined) continue;
      seen.add(event.type);
      states.push(applyEvent(state, { ...event, version: state.version + 1, atMs: n }));
    }
    expect(seen.size).toBe(22);
    const hash = createHash('sha256').update(JSON.stringify(states)).digest('hex').slice(0, 12);
    expect(`${foldVersion} ${hash}`).toBe('1 6dcd38893043');
  });

  it('does not change what it was made from', () => {
    const before = foldOrder('o-1', record(placed));
    const copy = structuredClone(before);
    applyEvent(before, { ...stockRequested, version: 2, atMs: 5 });
    expect(before).toEqual(copy);
  });
});
