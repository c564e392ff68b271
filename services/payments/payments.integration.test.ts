import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createRegistry } from '#process/health';
import { createDatabase, migrate } from '#services/kit/database';
import { createClient } from '#services/kit/fetch';
import { createServer, type Server } from '#services/kit/server';
import { buildAcquirer } from './acquirer/app.ts';
import { addRoutes } from './app.ts';
import { type Payment, paymentIdFor } from './contract.ts';
import { type PaymentsDatabase, paymentsMigrations } from './schema.ts';

let postgres: TestPostgres;
let db: Kysely<PaymentsDatabase>;
let acquirer: FastifyInstance;
let app: Server;
/** Breaks the line after the acquirer has acted, so that its answer is lost. */
let loseAnswers = 0;
const logged: string[] = [];

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['payments'] });
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      logged.push(chunk.toString());
      done();
    },
  });
  const logger = pino({ level: 'trace' }, stream);
  db = createDatabase({ url: postgres.url('payments'), name: 'test', logger, maxConnections: 10 });
  await migrate(db, paymentsMigrations);
  const now = (): Date => new Date();
  acquirer = buildAcquirer({ db, now, random: () => 0 });
  acquirer.addHook('onSend', async (request) => {
    if (loseAnswers === 0) return;
    loseAnswers -= 1;
    request.raw.socket.destroy();
  });
  const baseUrl = await acquirer.listen({ port: 0, host: '127.0.0.1' });
  app = await createServer({
    ...{ name: 'payments', description: '', version: '1', logger },
    registry: createRegistry('payments'),
    readiness: () => ({ ready: true }),
    chaos: { enabled: false, token: '' },
  });
  const breaker = { threshold: 0.9, size: 1_000, minimumCalls: 1_000, openMs: 1_000 };
  const client = createClient({ peer: 'acquirer', baseUrl, timeoutMs: 2_000, breaker });
  addRoutes(app, { db, acquirer: client, now, onEvents: () => {} });
}, 60_000);

afterAll(async () => {
  await app.close();
  await acquirer.close();
  await db.destroy();
  await postgres.stop();
});

type Body = { orderId: string; amountMinor: number; currency: string; paymentToken: string };

const body = (changes: Partial<Body> = {}): Body => ({
  orderId: randomUUID(),
  amountMinor: 12_990,
  currency: 'EUR',
  paymentToken: 'tok_ok_visa',
  ...changes,
});

async function pay(key: string, payload: Body) {
  return app.inject({ method: 'POST', url: '/payments', headers: { 'idempotency-key': key }, payload });
}

async function refund(paymentId: string): Promise<Payment> {
  return (await app.inject({ method: 'POST', url: `/payments/${paymentId}/refund` })).json();
}

async function booksOf(key: string): Promise<{ charges: string[]; refunds: number }> {
  const paymentId = paymentIdFor(key);
  const charges = await db.selectFrom('acquirer.charges').select('outcome').where('key', '=', paymentId).execute();
  const refunds = await db.selectFrom('acquirer.refunds').select('key').where('key', '=', paymentId).execute();
  return { charges: charges.map(({ outcome }) => outcome), refunds: refunds.length };
}

async function eventsOf(key: string): Promise<string[]> {
  const rows = await db.selectFrom('outbox').select('event').orderBy('seq').execute();
  return rows.filter(({ event }) => event.subject === paymentIdFor(key)).map(({ event }) => event.type);
}

describe('a payment', () => {
  it('is charged once for one key, whether asked again later or twenty times at once', async () => {
    const key = randomUUID();
    const payload = body();
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(key, payload)));
    answers.push(await pay(key, payload));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(201);
    expect(await booksOf(key)).toEqual({ charges: ['approved'], refunds: 0 });
    expect(await eventsOf(key)).toEqual(['payment.authorised']);
  });

  it.each([
    ['amount', { amountMinor: 1 }],
    ['currency', { currency: 'SEK' }],
    ['token', { paymentToken: 'tok_ok_other' }],
  ])('is refused under a key that was used with another %s', async (_name, change) => {
    const key = randomUUID();
    const payload = body();
    await pay(key, payload);
    const answer = await pay(key, { ...payload, ...change });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().code).toBe('idempotency_key_reused');
    expect((await booksOf(key)).charges).toEqual(['approved']);
  });

  it('that is declined says why, and says it again', async () => {
    const key = randomUUID();
    const payload = body({ paymentToken: 'tok_insufficient' });
    for (let time = 0; time < 2; time += 1) {
      const answer = await pay(key, payload);
      expect(answer.statusCode).toBe(402);
      expect(answer.json()).toMatchObject({ code: 'payment_declined', reason: 'insufficient_funds' });
    }
    expect(await eventsOf(key)).toEqual(['payment.declined']);
  });

  it('whose answer from the acquirer was lost is found again under the same key, with one charge', async () => {
    const key = randomUUID();
    const payload = body();
    loseAnswers = 2;
    expect((await pay(key, payload)).statusCode).toBe(502);
    expect((await pay(key, payload)).statusCode).toBe(201);
    expect(await booksOf(key)).toEqual({ charges: ['approved'], refunds: 0 });
  });
});

describe('a refund', () => {
  it('gives the money back once', async () => {
    const key = randomUUID();
    await pay(key, body());
    const statuses = await Promise.all([1, 2, 3].map(async () => (await refund(paymentIdFor(key))).status));
    expect(statuses).toEqual(['refunded', 'refunded', 'refunded']);
    expect(await booksOf(key)).toEqual({ charges: ['approved'], refunds: 1 });
    expect(await eventsOf(key)).toEqual(['payment.authorised', 'payment.refunded']);
  });

  it('of a payment that never arrived keeps it from being charged when it does', async () => {
    const key = randomUUID();
    expect((await refund(paymentIdFor(key))).status).toBe('voided');
    const answer = await pay(key, body());
    expect(answer.statusCode).toBe(409);
    expect(answer.json().code).toBe('payment_reversed');
    expect(await booksOf(key)).toEqual({ charges: [], refunds: 0 });
  });

  it('of a payment whose answer was lost returns what was charged', async () => {
    const key = randomUUID();
    loseAnswers = 2;
    await pay(key, body());
    expect((await refund(paymentIdFor(key))).status).toBe('refunded');
    expect(await booksOf(key)).toEqual({ charges: ['approved'], refunds: 1 });
  });

  it('that meets its charge on the way leaves no money with the shop', async () => {
    for (let round = 0; round < 20; round += 1) {
      const key = randomUUID();
      await Promise.all([pay(key, body()), refund(paymentIdFor(key))]);
      await refund(paymentIdFor(key));
      const { charges, refunds } = await booksOf(key);
      expect(charges.filter((outcome) => outcome === 'approved')).toHaveLength(refunds);
    }
  });

  it('of a declined payment returns nothing', async () => {
    const key = randomUUID();
    await pay(key, body({ paymentToken: 'tok_declined' }));
    expect((await refund(paymentIdFor(key))).status).toBe('declined');
    expect((await booksOf(key)).refunds).toBe(0);
  });
});

describe('a refund of a part', () => {
  const part = (key: string, refundId: string, amountMinor: number) =>
    app.inject({ method: 'PUT', url: `/payments/${paymentIdFor(key)}/refunds/${refundId}`, payload: { amountMinor } });
  const bankOf = async (key: string) => {
    const query = db.selectFrom('acquirer.refunds').select('amount_minor').where('key', '=', paymentIdFor(key));
    return (await query.orderBy('amount_minor').execute()).map(({ amount_minor: amount }) => amount);
  };

  it('is made once under its id, at once, later, or after its answer was lost; the last one closes the payment', async () => {
    const [key, one, two] = [randomUUID(), randomUUID(), randomUUID()];
    await pay(key, body({ amountMinor: 5_000 }));
    loseAnswers = 2;
    expect((await part(key, one, 2_000)).statusCode).toBe(502);
    const answers = await Promise.all([1, 2, 3].map(() => part(key, one, 2_000)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(await eventsOf(key)).toEqual(['payment.authorised', 'payment.refunded']);
    expect((await part(key, two, 3_000)).statusCode).toBe(200);
    expect(await bankOf(key)).toEqual([2_000, 3_000]);
    const now = await app.inject(`/payments/${paymentIdFor(key)}`);
    expect(now.json()).toMatchObject({ status: 'refunded', amountMinor: 5_000 });
  });

  it('is never of more than is left, however many ask at once', async () => {
    const key = randomUUID();
    await pay(key, body({ amountMinor: 5_000 }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => part(key, randomUUID(), 1_500)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(3);
    expect(answers.find(({ statusCode }) => statusCode !== 200)?.json()).toMatchObject({ code: 'refund_too_large' });
    expect(await bankOf(key)).toEqual([1_500, 1_500, 1_500]);
  });

  it('is refused of what was not charged, of another amount, and shuts the way back as a whole', async () => {
    const [key, declined, id] = [randomUUID(), randomUUID(), randomUUID()];
    await pay(key, body());
    await pay(declined, body({ paymentToken: 'tok_declined' }));
    expect((await part(randomUUID(), id, 1)).json()).toMatchObject({ code: 'unknown_payment' });
    expect((await part(declined, id, 1)).json()).toMatchObject({ code: 'not_refundable' });
    await part(key, id, 1_000);
    expect((await part(key, id, 1_001)).json()).toMatchObject({ code: 'refund_differs' });
    const whole = await app.inject({ method: 'POST', url: `/payments/${paymentIdFor(key)}/refund` });
    expect(whole.json()).toMatchObject({ code: 'partly_refunded' });
  });
});

describe('card numbers', () => {
  it.each(['4111111111111111', 'tok_4111111111111111', '4111 1111 1111 1111'])(
    'are refused and neither repeated, stored nor logged: %s',
    async (paymentToken) => {
      const answer = await pay(randomUUID(), body({ paymentToken }));
      expect(answer.statusCode).toBe(422);
      expect(answer.json().code).toBe('card_number_refused');
      const digits = paymentToken.replace('tok_', '');
      expect(answer.body).not.toContain(digits);
      expect(logged.join('')).not.toContain(digits);
      const rows = await db.selectFrom('payments').selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain(digits);
    },
  );

  it('tokens are not in what is published or logged', async () => {
    await pay(randomUUID(), body({ paymentToken: 'tok_ok_secret' }));
    const events = await db.selectFrom('outbox').select('event').execute();
    expect(JSON.stringify(events)).not.toContain('tok_ok_secret');
    expect(logged.join('')).not.toContain('tok_ok_secret');
  });
});
