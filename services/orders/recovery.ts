import { type Kysely, sql } from 'kysely';
import type { Logger } from '#process/logger';
import { withoutDeadline } from '#services/kit/deadline';
import { repeat } from '#services/kit/repeat';
import type { OrderState } from './order.ts';
import { ConcurrentAppendError, runSaga, type SagaPorts } from './run-saga.ts';
import type { OrdersDatabase } from './schema.ts';
import { countStuck } from './stuck.ts';

export type RecoveryTiming = {
  /** How long an order belongs to whoever has taken it: longer than a request may take. */
  leaseMs: number;
  /** Between two looks at the list. */
  intervalMs: number;
  /** Older orders are turned back rather than confirmed. */
  finishWithinMs: number;
  /** An order that was continued so often, in vain, is left to a person. */
  lastAttempt: number;
};

export type Recovery = {
  /** Continues one order now, behind the request that has just given it up. */
  wake: (state: OrderState) => void;
  /** Waits for what is under way. */
  stop: () => Promise<void>;
};

const claimedAtOnce = 8;

type Claim = { order_id: string; attempts: number };

/** Looks for orders that nobody continues (at once, then periodically) and finishes or compensates each. */
export function startRecovery(options: {
  db: Kysely<OrdersDatabase>;
  ports: SagaPorts;
  timing: RecoveryTiming;
  logger: Logger;
}): Recovery {
  const { db, ports, timing, logger } = options;
  const underWay = new Set<Promise<void>>();

  async function continueOrder(claim: Claim): Promise<void> {
    const state = await ports.load(claim.order_id);
    if (state === undefined) return;
    const outcome = await runSaga(ports, state, {
      until: 'end',
      deadlineMs: Number.POSITIVE_INFINITY,
      attempt: claim.attempts,
      ...timing,
    });
    const { orderId, needsHuman } = outcome.state;
    if (outcome.kind === 'later') await postpone(db, orderId, ports.now() + outcome.delayMs);
    else if (needsHuman !== null) logger.error({ orderId, ...needsHuman }, 'an order needs a human');
    else logger.info({ orderId, outcome: outcome.state.outcome }, 'order finished by recovery');
  }

  function begin(claim: Claim): Promise<void> {
    const work = continueOrder(claim)
      .catch((error: unknown) => {
        // The other writer goes on; anything else stays on the list until its lease is over.
        if (!(error instanceof ConcurrentAppendError))
          logger.warn({ err: error, orderId: claim.order_id }, 'not finished yet');
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
    return work;
  }

  /** @returns whether there may be more */
  async function look(): Promise<boolean> {
    const claims = await claimDue(db, { nowMs: ports.now(), leaseMs: timing.leaseMs, limit: claimedAtOnce });
    await Promise.all(claims.map(begin));
    await countStuck(db, timing.lastAttempt);
    return claims.length === claimedAtOnce;
  }

  const { intervalMs } = timing;
  const looking = repeat(look, { intervalMs, logger, name: 'looking for unfinished orders' });

  return {
    wake: (state) => void withoutDeadline(() => begin({ order_id: state.orderId, attempts: 0 })),
    stop: async () => {
      await looking.stop();
      await Promise.all(underWay);
    },
  };
}

/** Takes due orders off the list for `leaseMs`; two processes never take the same. */
async function claimDue(
  db: Kysely<OrdersDatabase>,
  { nowMs, leaseMs, limit }: { nowMs: number; leaseMs: number; limit: number },
): Promise<Claim[]> {
  const { rows } = await sql<Claim>`
    UPDATE saga_work SET next_attempt_at = ${new Date(nowMs + leaseMs)}, attempts = attempts + 1
    WHERE order_id IN (
      SELECT order_id FROM saga_work WHERE next_attempt_at <= ${new Date(nowMs)}
      ORDER BY next_attempt_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING order_id, attempts`.execute(db);
  return rows;
}

/** Leaves an order alone until then. */
export async function postpone(db: Kysely<OrdersDatabase>, orderId: string, untilMs: number): Promise<void> {
  await db
    .updateTable('saga_work')
    .set({ next_attempt_at: new Date(untilMs) })
    .where('order_id', '=', orderId)
    .execute();
}
