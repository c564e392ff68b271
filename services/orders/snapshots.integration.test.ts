import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestService, type TestService } from '#services/kit/test-service';
import { eventAfter, placeTestOrder } from './log-fixture.ts';
import { manifest } from './manifest.ts';
import { applyEvent, foldOrder, foldVersion, type OrderEvent, type OrderState } from './order.ts';
import { ConcurrentAppendError } from './run-saga.ts';
import { type OrdersDatabase, ordersMigrations } from './schema.ts';
import { appendToOrder, loadOrder, readEvents } from './store.ts';

let service: TestService<OrdersDatabase>;

beforeAll(async () => {
  service = await openTestService<OrdersDatabase>({ manifest, migrations: ordersMigrations });
}, 60_000);

afterAll(() => service.stop(), 30_000);

const snapshotOf = (orderId: string) =>
  service.db.selectFrom('order_snapshots').selectAll().where('stream', '=', orderId).executeTakeFirst();

/** Appends, one after the other, what the choices make of it: one event or several at once. */
async function append(start: OrderState, choices: readonly (readonly number[])[], every: number): Promise<OrderState> {
  let state = start;
  for (const batch of choices) {
    const events: OrderEvent[] = [];
    let ahead = state;
    for (const choice of batch) {
      const event = eventAfter(ahead, choice);
      if (event === undefined) continue;
      events.push(event);
      ahead = applyEvent(ahead, { ...event, version: ahead.version + 1, atMs: 0 });
    }
    if (events.length > 0) state = await appendToOrder(service.db, state, events, { now: new Date(), every });
  }
  return state;
}

const commands = fc.array(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 3 }), { maxLength: 25, size: 'max' });
const intervals = fc.integer({ min: 1, max: 20 });

describe('an order read from its snapshot', () => {
  it('is what all of its events come to, after any commands and with any distance between snapshots', async () => {
    let used = 0;
    await fc.assert(
      fc.asyncProperty(commands, intervals, async (choices, every) => {
        const { orderId } = await append(await placeTestOrder(service.db), choices, every);
        const events = await readEvents(service.db, orderId);
        const snapshot = await snapshotOf(orderId);
        expect(snapshot === undefined).toBe(events.length < Math.max(every, 2));
        if (snapshot !== undefined) {
          used += 1;
          expect(events.length - snapshot.version).toBeLessThan(every);
          expect(snapshot.state).toEqual(foldOrder(orderId, events.slice(0, snapshot.version)));
        }
        expect(await loadOrder(service.db, orderId)).toEqual(foldOrder(orderId, events));
      }),
      { numRuns: 100 },
    );
    expect(used).toBeGreaterThan(20);
  }, 120_000);

  it('counts only if this code would fold it alike', async () => {
    const { orderId } = await append(await placeTestOrder(service.db), [[0], [0], [0]], 2);
    const state = await loadOrder(service.db, orderId);
    const spoil = (change: { fold_version: number; state: string }) =>
      service.db.updateTable('order_snapshots').set(change).where('stream', '=', orderId).execute();
    const wrong = JSON.stringify({ ...(await snapshotOf(orderId))?.state, paymentId: 'pay_wrong' });
    await spoil({ fold_version: foldVersion, state: wrong });
    expect((await loadOrder(service.db, orderId))?.paymentId).toBe('pay_wrong');
    await spoil({ fold_version: foldVersion + 1, state: wrong });
    expect(await loadOrder(service.db, orderId)).toEqual(state);
  });

  it('is never gone on with twice, and a refused append leaves no snapshot', async () => {
    const start = await append(await placeTestOrder(service.db), [[0], [0]], 2);
    const before = await snapshotOf(start.orderId);
    const [one, other] = [await loadOrder(service.db, start.orderId), await loadOrder(service.db, start.orderId)];
    if (one === undefined || other === undefined) throw new Error('the order is gone');
    const after = await append(one, [[0]], 100);
    await expect(append(other, [[1]], 1)).rejects.toThrow(ConcurrentAppendError);
    expect(await snapshotOf(start.orderId)).toEqual(before);
    expect(await loadOrder(service.db, start.orderId)).toEqual(after);
  });
});
