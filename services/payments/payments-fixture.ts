import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { expect } from 'vitest';
import { startTestPostgres } from '#cli/embedded/test-postgres';
import { createDatabase, migrate } from '#services/kit/database';
import { createClient } from '#services/kit/fetch';
import type { Server } from '#services/kit/server';
import { createTestServer } from '#services/kit/test-service';
import { buildAcquirer } from './acquirer/app.ts';
import { addRoutes } from './app.ts';
import { type Payment, paymentIdFor } from './contract.ts';
import { manifest } from './manifest.ts';
import { type PaymentsDatabase, paymentsMigrations } from './schema.ts';

export type Body = { orderId: string; amountMinor: number; currency: string; paymentToken: string };

export const body = (changes: Partial<Body> = {}): Body => ({
  orderId: randomUUID(),
  amountMinor: 12_990,
  currency: 'EUR',
  paymentToken: 'tok_ok_visa',
  ...changes,
});

export const webhookSecret = `whsec_${'A'.repeat(32)}`;

/** Payments and its acquirer on a real PostgreSQL, with a line between them whose answers can be lost. */
export async function startPayments() {
  const postgres = await startTestPostgres({ databases: ['payments'] });
  const logged: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged.push(chunk.toString());
      done();
    },
  });
  const logger = pino({ level: 'trace' }, stream);
  const db = createDatabase<PaymentsDatabase>({
    ...{ url: postgres.url('payments'), name: 'test', logger, maxConnections: 10 },
  });
  await migrate(db, paymentsMigrations);
  const now = (): Date => new Date();
  const acquirer = buildAcquirer({ db, now, random: () => 0 });
  /** What payments takes for now. */
  const clock = { nowMs: () => Date.now() };
  /** Breaks the line after the acquirer has acted. */
  const line = { loseAnswers: 0 };
  acquirer.addHook('onSend', async (request) => {
    if (line.loseAnswers === 0) return;
    line.loseAnswers -= 1;
    request.raw.socket.destroy();
  });
  const baseUrl = await acquirer.listen({ port: 0, host: '127.0.0.1' });
  const app = await createTestServer(manifest, { logger });
  const breaker = { threshold: 0.9, size: 1_000, minimumCalls: 1_000, openMs: 1_000 };
  const client = createClient({ peer: 'acquirer', baseUrl, timeoutMs: 20_000, breaker });
  const deps = { db, acquirer: client, now: () => new Date(clock.nowMs()), onEvents: () => {}, webhookSecret };
  addRoutes(app, deps);
  const stop = async (): Promise<void> => {
    await app.close();
    await acquirer.close();
    await db.destroy();
    await postgres.stop();
  };
  return { ...{ app, db, line, logged, clock, deps, stop }, ...customer(app), ...books(db) };
}

/** What is asked of payments. */
function customer(app: Server) {
  async function pay(key: string, payload: Body) {
    return app.inject({ method: 'POST', url: '/payments', headers: { 'idempotency-key': key }, payload });
  }

  async function take(key: string) {
    return app.inject({ method: 'POST', url: `/payments/${paymentIdFor(key)}/capture` });
  }

  /** Authorised and taken. */
  async function paid(key: string, payload: Body): Promise<void> {
    await pay(key, payload);
    expect((await take(key)).json()).toMatchObject({ status: 'captured' });
  }

  async function refund(paymentId: string): Promise<Payment> {
    return (await app.inject({ method: 'POST', url: `/payments/${paymentId}/refund` })).json();
  }

  return { pay, take, paid, refund };
}

/** What stands in the acquirer's books, and what was told. */
function books(db: Kysely<PaymentsDatabase>) {
  async function booksOf(key: string): Promise<{ charges: string[]; taken: number; refunds: number }> {
    const paymentId = paymentIdFor(key);
    const charges = await db.selectFrom('acquirer.charges').selectAll().where('key', '=', paymentId).execute();
    const refunds = await db.selectFrom('acquirer.refunds').select('key').where('key', '=', paymentId).execute();
    const taken = charges.filter(({ captured_at: at }) => at !== null).length;
    return { charges: charges.map(({ outcome }) => outcome), taken, refunds: refunds.length };
  }

  async function heldOf(key: string): Promise<number> {
    const rows = await db
      .selectFrom('acquirer.charges')
      .select('key')
      .where('key', '=', paymentIdFor(key))
      .where('outcome', '=', 'approved')
      .where('captured_at', 'is', null)
      .where('voided_at', 'is', null)
      .execute();
    return rows.length;
  }

  async function eventsOf(key: string): Promise<string[]> {
    const rows = await db.selectFrom('outbox').select('event').orderBy('seq').execute();
    return rows.filter(({ event }) => event.subject === paymentIdFor(key)).map(({ event }) => event.type);
  }

  return { booksOf, heldOf, eventsOf };
}
