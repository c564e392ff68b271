import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderEvent, OrderState } from './order.ts';
import { requestRefund } from './refund.ts';
import { runSaga, type SagaPorts } from './run-saga.ts';
import { isAnswerable } from './saga.ts';
import { base, cuts, first, World } from './world-fixture.ts';

describe('a refund of a confirmed order', () => {
  const refund = { refundId: 'r-1', amountMinor: 2_000 };
  const end = { ...first, until: 'end', deadlineMs: 0 } as const;
  const confirmed = async (): Promise<World> => {
    const world = new World([]);
    await runSaga(world.ports(), world.state(), end);
    return world;
  };

  it('of a part is given back, whatever is cut off, and the order stays confirmed', async () => {
    const plans = fc.array(fc.constantFrom(...cuts), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const world = await confirmed();
        await world.ports().append(world.state(), [requestOf(world.state(), refund)]);
        world.cut(plan);
        for (let n = 0; world.state().refund !== null; n += 1) {
          if (n > 20) throw new Error('never given back');
          await runSaga(world.ports(), world.state(), end).catch(() => undefined);
        }
        expect(world).toMatchObject({ charged: 1, refunded: 1, stock: 'committed' });
        expect(world.state()).toMatchObject({ outcome: 'confirmed', refunds: [refund] });
      }),
    );
  });

  it('that fails for ever needs a human, and is one when they did it by hand', async () => {
    const world = await confirmed();
    await world.ports().append(world.state(), [requestOf(world.state(), refund)]);
    const ports: SagaPorts = { ...world.ports(), ask: async (call) => ({ call, result: 'failed' }) };
    await runSaga(ports, world.state(), { ...end, attempt: 40 });
    expect(world.state().needsHuman).toEqual({ call: 'give_back', attempts: 40 });
    const byHand = { type: 'resolved_by_hand', data: { by: 'grace', note: 'In cash.' } } as const;
    await runSaga(world.ports(), await world.ports().append(world.state(), [byHand]), end);
    expect(world.state()).toMatchObject({ refund: null, needsHuman: null, refunds: [refund] });
    expect(world.refunded).toBe(0);
  });

  it('is asked for once under its id, and never for more than is left', async () => {
    const world = await confirmed();
    await world.ports().append(world.state(), [requestOf(world.state(), refund)]);
    expect(requestRefund(world.state(), { ...staff, ...refund })).toBeUndefined();
    expect(() => requestOf(world.state(), { ...refund, amountMinor: 1 })).toThrow(/is one of 2000/);
    expect(() => requestOf(world.state(), { refundId: 'r-2' })).toThrow(/another refund is under way/);
    await runSaga(world.ports(), world.state(), end);
    expect(() => requestOf(world.state(), { refundId: 'r-2', amountMinor: 3_001 })).toThrow(/more than 3000/);
    expect(requestOf(world.state(), { refundId: 'r-2' })).toMatchObject({ data: { amountMinor: 3_000 } });
    expect(() => requestOf(base, { refundId: 'r-3' })).toThrow(/nothing to give back/);
  });
});

const staff = { by: 'grace', note: 'A seam was open.' };

function requestOf(state: OrderState, refund: { refundId: string; amountMinor?: number }): OrderEvent {
  const event = requestRefund(state, { ...staff, ...refund });
  if (event === undefined) throw new Error('asked for before');
  return event;
}

describe('a capture that fails', () => {
  it('is tried again, in the end needs a human, and comes before any refund', async () => {
    const world = new World([]);
    const end = { ...first, until: 'end', deadlineMs: 0 } as const;
    await runSaga(world.ports(), world.state(), { ...end, until: 'answer' });
    const deaf: SagaPorts = { ...world.ports(), ask: async (call) => ({ call, result: 'failed' }) };
    expect(await runSaga(deaf, world.state(), end)).toMatchObject({ kind: 'later' });
    await runSaga(deaf, world.state(), { ...end, attempt: 40 });
    expect(world.state().needsHuman).toEqual({ call: 'capture', attempts: 40 });
    await world.ports().append(world.state(), [{ type: 'retry_requested', data: { by: 'grace' } }]);
    await world.ports().append(world.state(), [requestOf(world.state(), { refundId: 'r-1' })]);
    await runSaga(world.ports(), world.state(), end);
    expect(world).toMatchObject({ held: 0, charged: 1, refunded: 1 });
    expect(world.log.map(({ type }) => type).slice(-2)).toEqual(['payment_captured', 'refunded']);
  });
});

it.each(['capture', 'give_back'] as const)(
  'a %s that is refused for good needs a human at once, and says why',
  async (call) => {
    const world = new World([]);
    const end = { ...first, until: 'end', deadlineMs: 0 } as const;
    await runSaga(world.ports(), world.state(), { ...end, until: call === 'capture' ? 'answer' : 'end' });
    if (call === 'give_back')
      await world.ports().append(world.state(), [requestOf(world.state(), { refundId: 'r-1' })]);
    const ask = async () => ({ call, result: 'impossible', reason: 'authorisation_expired' }) as const;
    await runSaga({ ...world.ports(), ask }, world.state(), end);
    const needsHuman = { call, attempts: 0, reason: 'authorisation_expired' };
    expect(world.state().needsHuman).toEqual(needsHuman);
    await world.ports().append(world.state(), [{ type: 'retry_requested', data: { by: 'grace' } }]);
    await runSaga({ ...world.ports(), ask }, world.state(), end);
    expect(world.state().needsHuman).toEqual(needsHuman);
  },
);

describe('a compensation that fails', () => {
  const failing = (world: World): SagaPorts => ({
    ...world.ports(),
    ask: async (call) => ({ call, result: 'failed' }),
  });
  const end = { ...first, until: 'end', deadlineMs: 0 } as const;

  async function untilStuck(): Promise<World> {
    const world = new World(['none', 'none', 'none', 'answer lost']);
    await runSaga(world.ports(), world.state(), { ...end, until: 'answer' });
    const early = await runSaga(failing(world), world.state(), { ...end, attempt: 39 });
    expect(early).toMatchObject({ kind: 'later', state: { needsHuman: null } });
    await runSaga(failing(world), world.state(), { ...end, attempt: 40 });
    expect(world.state()).toMatchObject({ outcome: 'open', needsHuman: { call: 'refund', attempts: 40 } });
    return world;
  }

  it('is left to a person at the last attempt, and nothing is asked any more', async () => {
    const world = await untilStuck();
    const { version } = world.state();
    await runSaga(world.ports(), world.state(), end);
    expect(world.state().version).toBe(version);
    expect(isAnswerable(world.state())).toBe(true);
  });

  it.each([
    [{ type: 'retry_requested', data: { by: 'grace' } } as const, 1],
    [{ type: 'resolved_by_hand', data: { by: 'grace', note: 'Paid back in cash.' } } as const, 0],
  ])('goes on to its end after %j', async (event, undone) => {
    const world = await untilStuck();
    const state = await world.ports().append(world.state(), [event]);
    await runSaga(world.ports(), state, end);
    expect(world).toMatchObject({ held: 1 - undone, charged: 0, stock: 'released' });
    expect(world.state()).toMatchObject({ outcome: 'cancelled', needsHuman: null });
  });
});
