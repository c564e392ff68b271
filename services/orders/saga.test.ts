import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvent, foldOrder, type OrderState, type RecordedEvent, type SagaCall } from './order.ts';
import { ConcurrentAppendError, runSaga, type SagaPorts } from './run-saga.ts';
import { eventAfter, isAnswerable, nextStep, retryDelayMs, type SagaAnswer } from './saga.ts';

const base: OrderState = foldOrder('0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11', [
  {
    type: 'placed',
    version: 1,
    atMs: 0,
    data: {
      ...{
        cartId: 'cart-1',
        sessionId: null,
        device: null,
        channel: null,
        userId: null,
        email: null,
        paymentToken: 'tok_ok',
      },
      ...{ totalMinor: 5_000, currency: 'EUR', lines: [] },
    },
  },
]);
const unavailable = { code: 'payments_unavailable' } as const;

describe('the next step of an order', () => {
  it.each<[Partial<OrderState>, string]>([
    [{}, 'record stock_requested'],
    [{ stock: 'maybe' }, 'call reserve'],
    [{ stock: 'held' }, 'record payment_requested'],
    [{ stock: 'held', payment: 'maybe' }, 'call pay'],
    [{ stock: 'held', payment: 'authorised' }, 'record stock_commit_requested'],
    [{ stock: 'maybe_committed', payment: 'authorised' }, 'call commit'],
    [{ stock: 'committed', payment: 'authorised' }, 'record confirmed'],
    [{ outcome: 'confirmed' }, 'done'],
    [{ outcome: 'cancelled', reason: unavailable }, 'done'],
    [{ reason: unavailable, payment: 'authorised', needsHuman: { call: 'refund', attempts: 40 } }, 'done'],
    [{ reason: unavailable }, 'record cancelled'],
    [{ reason: unavailable, stock: 'refused' }, 'record cancelled'],
    [{ reason: unavailable, stock: 'maybe' }, 'call release'],
    [{ reason: unavailable, stock: 'held', payment: 'declined' }, 'call release'],
    [{ reason: unavailable, stock: 'held', payment: 'maybe' }, 'call refund'],
    [{ reason: unavailable, stock: 'held', payment: 'authorised' }, 'call refund'],
    [{ reason: unavailable, stock: 'maybe_committed', payment: 'authorised' }, 'call refund'],
    [{ reason: unavailable, stock: 'maybe_committed', payment: 'refunded' }, 'call release'],
    [{ reason: unavailable, stock: 'committed', payment: 'refunded' }, 'call release'],
    [{ reason: unavailable, stock: 'released', payment: 'refunded' }, 'record cancelled'],
  ])('after %j is: %s', (change, expected) => {
    const step = nextStep({ ...base, ...change });
    const said =
      step.kind === 'call' ? `call ${step.call}` : step.kind === 'record' ? `record ${step.event.type}` : 'done';
    expect(said).toBe(expected);
  });

  it.each<[SagaAnswer, string | undefined]>([
    [{ call: 'reserve', result: 'reserved', expiresAt: '' }, 'stock_reserved'],
    [{ call: 'reserve', result: 'refused', left: [] }, 'stock_refused'],
    [{ call: 'reserve', result: 'lost' }, 'compensation_started'],
    [{ call: 'reserve', result: 'failed' }, 'compensation_started'],
    [{ call: 'pay', result: 'authorised' }, 'payment_authorised'],
    [{ call: 'pay', result: 'declined', declineReason: 'x' }, 'payment_declined'],
    [{ call: 'pay', result: 'failed' }, 'compensation_started'],
    [{ call: 'commit', result: 'done' }, 'stock_committed'],
    [{ call: 'commit', result: 'lost' }, 'compensation_started'],
    [{ call: 'commit', result: 'failed' }, 'compensation_started'],
    [{ call: 'refund', result: 'done' }, 'payment_refunded'],
    [{ call: 'release', result: 'done' }, 'stock_released'],
    [{ call: 'refund', result: 'failed' }, undefined],
    [{ call: 'release', result: 'failed' }, undefined],
  ])('%j is written down as %s', (answer, type) => {
    expect(eventAfter(base, answer)?.type).toBe(type);
  });

  it('asks for a compensation again at most every 30 s', () => {
    const delays = Array.from({ length: 50 }, (_, attempt) => retryDelayMs(attempt));
    expect(delays[0]).toBe(1_000);
    expect(Math.max(...delays)).toBe(30_000);
  });
});

/** Orders, a bank and a warehouse in memory, where every call and every append can be cut off before or after it acts. */
class World {
  log: RecordedEvent[] = [];
  charged = 0;
  voided = false;
  refunded = 0;
  stock: 'none' | 'held' | 'committed' | 'released' = 'none';
  private cuts: Cut[];

  constructor(cuts: readonly Cut[]) {
    this.cuts = [...cuts];
    this.log.push({ type: 'placed', version: 1, atMs: 0, data: base.placed });
  }

  state(): OrderState {
    return foldOrder(base.orderId, this.log);
  }

  ports(): SagaPorts {
    return {
      now: () => 0,
      load: async () => this.state(),
      append: async (state, events) => {
        const cut = this.cuts.shift();
        if (cut === 'before') throw new Error('killed before the append');
        if (state.version !== this.log.length) throw new ConcurrentAppendError();
        events.forEach((event, index) => {
          this.log.push({ ...event, version: state.version + 1 + index, atMs: 0 });
        });
        if (cut === 'after') throw new Error('killed after the append');
        return this.log.slice(state.version).reduce(applyEvent, state);
      },
      ask: async (call) => {
        const cut = this.cuts.shift();
        if (cut === 'before') throw new Error('killed before the call');
        if (cut === 'unreachable') return { call, result: 'failed' };
        const answer = this.act(call);
        if (cut === 'after') throw new Error('killed after the call');
        return cut === 'answer lost' ? { call, result: 'failed' } : answer;
      },
    };
  }

  private act(call: SagaCall): SagaAnswer {
    switch (call) {
      case 'reserve':
        if (this.stock === 'released') return { call, result: 'lost' };
        this.stock = 'held';
        return { call, result: 'reserved', expiresAt: '' };
      case 'pay':
        if (this.voided) return { call, result: 'failed' };
        this.charged = 1;
        return { call, result: 'authorised' };
      case 'commit':
        if (this.stock !== 'held' && this.stock !== 'committed') return { call, result: 'lost' };
        this.stock = 'committed';
        return { call, result: 'done' };
      case 'refund':
        if (this.charged === 1) this.refunded = 1;
        else this.voided = true;
        return { call, result: 'done' };
      case 'release':
        this.stock = 'released';
        return { call, result: 'done' };
    }
  }
}

const first = { attempt: 0, lastAttempt: 40, finishWithinMs: 60_000 };
const cuts = ['none', 'before', 'after', 'unreachable', 'answer lost'] as const;
type Cut = (typeof cuts)[number];

async function runUntilFinished(world: World, beginWith: 'answer' | 'end'): Promise<void> {
  const options = { deadlineMs: Number.POSITIVE_INFINITY, ...first };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const until = attempt === 0 ? beginWith : 'end';
    try {
      const outcome = await runSaga(world.ports(), world.state(), { ...options, until });
      if (outcome.state.outcome !== 'open') return;
    } catch {
      // Killed: the recovery begins again from the log.
    }
  }
  throw new Error('never finished');
}

describe('a checkout that is cut off at any moment, any number of times', () => {
  it('ends confirmed with one charge and its stock, or cancelled with neither', async () => {
    const plans = fc.array(fc.constantFrom(...cuts), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(plans, fc.constantFrom('answer' as const, 'end' as const), async (plan, beginWith) => {
        const world = new World(plan);
        await runUntilFinished(world, beginWith);
        const { outcome } = world.state();
        if (outcome === 'confirmed') {
          expect(world).toMatchObject({ charged: 1, refunded: 0, stock: 'committed' });
        } else {
          expect(world.charged).toBe(world.refunded);
          expect(['none', 'released']).toContain(world.stock);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is confirmed when it was only killed, however often', async () => {
    const kills = fc.array(fc.constantFrom('none' as const, 'before' as const, 'after' as const), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(kills, async (plan) => {
        const world = new World(plan);
        await runUntilFinished(world, 'end');
        expect(world.state().outcome).toBe('confirmed');
      }),
    );
  });

  it('writes every intent down before it asks', async () => {
    const world = new World([]);
    const ports = world.ports();
    const seen: string[] = [];
    const ask: SagaPorts['ask'] = async (call, state, deadlineMs) => {
      seen.push(`${call} after ${world.log.at(-1)?.type}`);
      return ports.ask(call, state, deadlineMs);
    };
    await runSaga({ ...ports, ask }, world.state(), { until: 'end', deadlineMs: 0, ...first });
    expect(seen).toEqual([
      'reserve after stock_requested',
      'pay after payment_requested',
      'commit after stock_commit_requested',
    ]);
  });

  it('is turned back, not confirmed, when it is found too late', async () => {
    const world = new World([]);
    const ports = { ...world.ports(), now: () => 60_001 };
    await runSaga(ports, world.state(), { until: 'end', deadlineMs: 0, ...first });
    expect(world.state()).toMatchObject({ outcome: 'cancelled', reason: { code: 'checkout_expired' } });
  });

  it('answers its customer before it compensates', async () => {
    const world = new World(['none', 'none', 'none', 'unreachable']);
    const options = { until: 'answer', deadlineMs: 0, ...first } as const;
    const { state } = await runSaga(world.ports(), world.state(), options);
    expect(isAnswerable(state)).toBe(true);
    expect(state).toMatchObject({ outcome: 'open', reason: { code: 'payments_unavailable' }, stock: 'held' });
  });
});

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
  ])('goes on to its end after %j', async (event, refunded) => {
    const world = await untilStuck();
    const state = await world.ports().append(world.state(), [event]);
    await runSaga(world.ports(), state, end);
    expect(world).toMatchObject({ charged: 1, refunded, stock: 'released' });
    expect(world.state()).toMatchObject({ outcome: 'cancelled', needsHuman: null });
  });
});
