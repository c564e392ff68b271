import type { PrismaClient } from '#prisma/client';
import type { Logger } from '#process/logger';
import { backOffMs } from './backoff.ts';
import type { WebhookPayload } from './payload.ts';
import type { Outcome, Receiver } from './receiver.ts';

export type Dispatcher = {
  /** Something may be due: send at once. */
  kick: () => void;
  stop: () => Promise<void>;
};

export type Delivery = { faultId: string; receiver: string; status: string; outcome: 'accepted' | 'retry' | 'failed' };

type Row = Awaited<ReturnType<PrismaClient['notification']['findMany']>>[number];

const pollMs = 500;
/** After a day of trying, nobody waits for a page any more. */
const giveUpAfterMs = 24 * 3_600_000;

/**
 * Sends what the Notification table holds. The row was committed with the transition, so a crash at any point leaves it
 * to be sent; a crash after sending sends it again with the same key. To one receiver, a fault's messages go in order.
 */
export function createDispatcher({
  prisma,
  receivers,
  clock,
  random,
  logger,
  onDelivery,
}: {
  prisma: PrismaClient;
  receivers: Receiver[];
  clock: () => number;
  random: () => number;
  logger: Logger;
  onDelivery: (delivery: Delivery) => void;
}): Dispatcher {
  const sending = new Map<string, Promise<void>>();
  let stopped = false;
  let looking: Promise<void> | null = null;
  let again = false;

  async function sendDue(): Promise<void> {
    // What is in flight now may be delivered before the rows arrive, which would then still say that it waits.
    const inFlight = new Set(sending.keys());
    const due = await readDue(prisma, clock());
    for (const row of due) {
      const receiver = receivers.find(({ name }) => name === row.receiver);
      // A message in flight to the same receiver about the same fault keeps the later one waiting.
      const lane = `${row.receiver}/${row.faultId}`;
      if (receiver === undefined || inFlight.has(lane) || stopped) continue;
      const sent = deliver(row, receiver)
        .catch((error: unknown) => logger.error({ err: error, key: row.idempotencyKey }, 'delivery not recorded'))
        .finally(() => {
          sending.delete(lane);
          look();
        });
      sending.set(lane, sent);
    }
  }

  async function deliver(row: Row, receiver: Receiver): Promise<void> {
    const sentAt = new Date(clock());
    await recordAttempt(prisma, row, sentAt);
    const outcome = await receiver.send(row.payload as WebhookPayload, row.idempotencyKey);
    const result = await recordOutcome(prisma, row, outcome, { nowMs: clock(), random: random() });
    onDelivery({ faultId: row.faultId, receiver: row.receiver, status: row.status, outcome: result });
    const fields = { receiver: row.receiver, status: row.status, fault: row.faultId, attempt: row.attempts + 1 };
    if (outcome.ok) logger.info(fields, 'page accepted');
    else logger.warn({ ...fields, reason: outcome.reason, result }, 'page not accepted');
  }

  function look(): void {
    if (stopped) return;
    if (looking !== null) {
      again = true;
      return;
    }
    looking = sendDue()
      .catch((error: unknown) => logger.error({ err: error }, 'notifications cannot be read'))
      .finally(() => {
        looking = null;
        if (!again) return;
        again = false;
        look();
      });
  }

  const timer = setInterval(look, pollMs);
  return {
    kick: look,
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await looking;
      await Promise.allSettled(sending.values());
    },
  };
}

/** Queued messages whose time has come, and whose fault's earlier message to that receiver is not waiting. */
async function readDue(prisma: PrismaClient, nowMs: number): Promise<Row[]> {
  const queued = await prisma.notification.findMany({
    where: { state: 'queued' },
    orderBy: [{ createdAt: 'asc' }, { status: 'asc' }],
  });
  const first = new Map<string, Row>();
  for (const row of queued) {
    const lane = `${row.receiver}/${row.faultId}`;
    if (!first.has(lane)) first.set(lane, row);
  }
  return [...first.values()].filter(({ nextAttemptAt }) => nextAttemptAt.getTime() <= nowMs);
}

async function recordAttempt(prisma: PrismaClient, row: Row, sentAt: Date): Promise<void> {
  await prisma.notification.update({
    where: { id: row.id },
    data: { attempts: row.attempts + 1, sentAt: row.sentAt ?? sentAt },
  });
  if (row.status !== 'firing') return;
  await prisma.fault.updateMany({ where: { id: row.faultId, sentAt: null }, data: { sentAt } });
}

async function recordOutcome(
  prisma: PrismaClient,
  row: Row,
  outcome: Outcome,
  { nowMs, random }: { nowMs: number; random: number },
): Promise<Delivery['outcome']> {
  const where = { id: row.id };
  if (outcome.ok) {
    const acceptedAt = new Date(nowMs);
    await prisma.$transaction([
      prisma.notification.update({ where, data: { state: 'accepted', acceptedAt, lastError: null } }),
      ...(row.status === 'firing'
        ? [prisma.fault.updateMany({ where: { id: row.faultId, acceptedAt: null }, data: { acceptedAt } })]
        : []),
      prisma.$executeRaw`SELECT pg_notify('faults', ${row.faultId})`,
    ]);
    return 'accepted';
  }
  const tired = nowMs - row.createdAt.getTime() > giveUpAfterMs;
  if (!outcome.retryable || tired) {
    await prisma.notification.update({ where, data: { state: 'failed', lastError: outcome.reason } });
    return 'failed';
  }
  const nextAttemptAt = new Date(nowMs + backOffMs(row.attempts + 1, random));
  await prisma.notification.update({ where, data: { lastError: outcome.reason, nextAttemptAt } });
  return 'retry';
}
