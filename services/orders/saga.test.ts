import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderState } from './order.ts';
import { runSaga, type SagaPorts } from './run-saga.ts';
import { eventAfter, isAnswerable, isAtRest, nextStep, retryDelayMs, type SagaAnswer, type SagaStep } from './saga.ts';
import { base, cuts, first, World } from './world-fixture.ts';

const unavailable = { code: 'payments_unavailable' } as const;

describe('the next step of an order', () => {
  it.each<[Partial<OrderState>, string]>([
    [{}, 'record stock_requested'],
    [{ stock: 'maybe' }, 'call reserve'],
    [{ stock: 'held' }, 'record payment_requested'],
    [{ stock: 'held', payment: 'maybe' }, 'call pay'],
    [{ stock: 'held', payment: 'challenged', challenge: { token: 'chl_1', untilMs: 5 } }, 'wait until 5'],
    [{ reason: unavailable, stock: 'held', payment: 'challenged' }, 'call refund'],
    [{ stock: 'held', payment: 'authorised' }, 'record stock_commit_requested'],
    [{ stock: 'maybe_committed', payment: 'authorised' }, 'call commit'],
    [{ stock: 'committed', payment: 'authorised' }, 'record capture_requested'],
    [{ stock: 'committed', payment: 'maybe_captured' }, 'record confirmed'],
    [{ outcome: 'confirmed', payment: 'maybe_captured' }, 'call capture'],
    [{ outcome: 'confirmed', payment: 'captured' }, 'done'],
    // From before there were captures.
    [{ outcome: 'confirmed', payment: 'authorised' }, 'done'],
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
    expect(describeStep(step)).toBe(expected);
  });

  it.each<[SagaAnswer, string | undefined]>([
    [{ call: 'reserve', result: 'reserved', expiresAt: '' }, 'stock_reserved'],
    [{ call: 'reserve', result: 'refused', left: [] }, 'stock_refused'],
    [{ call: 'reserve', result: 'lost' }, 'compensation_started'],
    [{ call: 'reserve', result: 'failed' }, 'compensation_started'],
    [{ call: 'pay', result: 'authorised' }, 'payment_authorised'],
    [{ call: 'pay', result: 'declined', declineReason: 'x' }, 'payment_declined'],
    [{ call: 'pay', result: 'challenged', token: 'chl_1', until: '' }, 'payment_challenged'],
    [{ call: 'pay', result: 'failed' }, 'compensation_started'],
    [{ call: 'commit', result: 'done' }, 'stock_committed'],
    [{ call: 'commit', result: 'lost' }, 'compensation_started'],
    [{ call: 'commit', result: 'failed' }, 'compensation_started'],
    [{ call: 'capture', result: 'done' }, 'payment_captured'],
    [{ call: 'capture', result: 'failed' }, undefined],
    [{ call: 'capture', result: 'impossible', reason: 'authorisation_expired' }, 'needs_human'],
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

function describeStep(step: SagaStep): string {
  if (step.kind === 'call') return `call ${step.call}`;
  if (step.kind === 'wait') return `wait until ${step.untilMs}`;
  return step.kind === 'record' ? `record ${step.event.type}` : 'done';
}

async function runUntilFinished(world: World, beginWith: 'answer' | 'end'): Promise<void> {
  const options = { deadlineMs: Number.POSITIVE_INFINITY, ...first };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const until = attempt === 0 ? beginWith : 'end';
    try {
      const outcome = await runSaga(world.ports(), world.state(), { ...options, until });
      if (isAtRest(outcome.state)) return;
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
          expect(world).toMatchObject({ held: 0, charged: 1, refunded: 0, stock: 'committed' });
        } else {
          expect(world).toMatchObject({ held: 0, charged: 0, refunded: 0 });
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
      'capture after confirmed',
    ]);
  });

  it('is turned back, not confirmed, when it is found too late', async () => {
    const world = new World([]);
    const ports = { ...world.ports(), now: () => 60_001 };
    await runSaga(ports, world.state(), { until: 'end', deadlineMs: 0, ...first });
    expect(world.state()).toMatchObject({ outcome: 'cancelled', reason: { code: 'checkout_expired' } });
  });

  it('answers its customer before it takes the money', async () => {
    const world = new World([]);
    await runSaga(world.ports(), world.state(), { until: 'answer', deadlineMs: 0, ...first });
    expect(world).toMatchObject({ held: 1, charged: 0, stock: 'committed' });
    expect(world.state()).toMatchObject({ outcome: 'confirmed', payment: 'maybe_captured' });
  });

  it('answers its customer before it compensates', async () => {
    const world = new World(['none', 'none', 'none', 'unreachable']);
    const options = { until: 'answer', deadlineMs: 0, ...first } as const;
    const { state } = await runSaga(world.ports(), world.state(), options);
    expect(isAnswerable(state)).toBe(true);
    expect(state).toMatchObject({ outcome: 'open', reason: { code: 'payments_unavailable' }, stock: 'held' });
  });
});
