import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paymentIdFor } from './contract.ts';
import { type Body, body, startPayments } from './payments-fixture.ts';

let till: Awaited<ReturnType<typeof startPayments>>;

beforeAll(async () => {
  till = await startPayments();
}, 60_000);

afterAll(() => till.stop(), 30_000);

describe('a payment', () => {
  it('is authorised once for one key, whether asked again later or twenty times at once', async () => {
    const key = randomUUID();
    const payload = body();
    const answers = await Promise.all(Array.from({ length: 20 }, () => till.pay(key, payload)));
    answers.push(await till.pay(key, payload));
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(201);
    expect(await till.booksOf(key)).toEqual({ charges: ['approved'], taken: 0, refunds: 0 });
    expect(await till.eventsOf(key)).toEqual(['payment.authorised']);
  });

  it('with a field that is not known is refused', async () => {
    const answer = await till.pay(randomUUID(), { ...body(), amount: 1 } as Body);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'validation_failed']);
  });

  it.each([
    ['amount', { amountMinor: 1 }],
    ['currency', { currency: 'SEK' }],
    ['token', { paymentToken: 'tok_ok_other' }],
  ])('is refused under a key that was used with another %s', async (_name, change) => {
    const key = randomUUID();
    const payload = body();
    await till.pay(key, payload);
    const answer = await till.pay(key, { ...payload, ...change });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().code).toBe('idempotency_key_reused');
    expect((await till.booksOf(key)).charges).toEqual(['approved']);
  });

  it('that is declined says why, and says it again', async () => {
    const key = randomUUID();
    const payload = body({ paymentToken: 'tok_insufficient' });
    for (let time = 0; time < 2; time += 1) {
      const answer = await till.pay(key, payload);
      expect(answer.statusCode).toBe(402);
      expect(answer.json()).toMatchObject({ code: 'payment_declined', reason: 'insufficient_funds' });
    }
    expect(await till.eventsOf(key)).toEqual(['payment.declined']);
  });

  it('whose answer from the acquirer was lost is found again under the same key, with one charge', async () => {
    const key = randomUUID();
    const payload = body();
    till.line.loseAnswers = 2;
    expect((await till.pay(key, payload)).statusCode).toBe(502);
    expect((await till.pay(key, payload)).statusCode).toBe(201);
    expect(await till.booksOf(key)).toEqual({ charges: ['approved'], taken: 0, refunds: 0 });
  });
});

describe('a capture', () => {
  it('takes the money once, at once, later, or after its answer was lost', async () => {
    const key = randomUUID();
    await till.pay(key, body());
    till.line.loseAnswers = 2;
    expect((await till.take(key)).statusCode).toBe(502);
    const answers = await Promise.all([1, 2, 3].map(() => till.take(key)));
    expect(answers.map((answer) => answer.json().status)).toEqual(['captured', 'captured', 'captured']);
    expect(await till.booksOf(key)).toEqual({ charges: ['approved'], taken: 1, refunds: 0 });
    expect(await till.eventsOf(key)).toEqual(['payment.authorised', 'payment.captured']);
  });

  it('and an undoing at once: one of them wins, for the bank too', async () => {
    for (let round = 0; round < 30; round += 1) {
      const key = randomUUID();
      await till.pay(key, body());
      const both = [() => till.take(key), () => till.refund(paymentIdFor(key))];
      await Promise.all((round % 2 === 0 ? both : both.reverse()).map((one) => one()));
      const { status } = (await till.app.inject(`/payments/${paymentIdFor(key)}`)).json();
      const { taken, refunds } = await till.booksOf(key);
      expect({ captured: [1, 0], refunded: [1, 1], voided: [0, 0] }[String(status)]).toEqual([taken, refunds]);
      if (status === 'voided') expect((await till.take(key)).json()).toMatchObject({ code: 'not_capturable' });
    }
  });

  it('of what the bank holds no longer is refused, and said so to everyone', async () => {
    const key = randomUUID();
    await till.pay(key, body());
    const past = new Date(0);
    await till.db
      .updateTable('acquirer.charges')
      .set({ expires_at: past })
      .where('key', '=', paymentIdFor(key))
      .execute();
    for (let time = 0; time < 2; time += 1) {
      expect((await till.take(key)).json()).toMatchObject({ status: 409, code: 'authorisation_expired' });
    }
    expect((await till.booksOf(key)).taken).toBe(0);
    expect(await till.eventsOf(key)).toEqual(['payment.authorised', 'payment.voided']);
  });

  it('of a payment that is not there, or was declined, is refused', async () => {
    const key = randomUUID();
    expect((await till.take(key)).json()).toMatchObject({ code: 'unknown_payment' });
    await till.pay(key, body({ paymentToken: 'tok_declined' }));
    expect((await till.take(key)).json()).toMatchObject({ code: 'not_capturable' });
  });
});

describe('card numbers', () => {
  it.each(['4111111111111111', 'tok_4111111111111111', '4111 1111 1111 1111'])(
    'are refused and neither repeated, stored nor logged: %s',
    async (paymentToken) => {
      const answer = await till.pay(randomUUID(), body({ paymentToken }));
      expect(answer.statusCode).toBe(422);
      expect(answer.json().code).toBe('card_number_refused');
      const digits = paymentToken.replace('tok_', '');
      expect(answer.body).not.toContain(digits);
      expect(till.logged.join('')).not.toContain(digits);
      const rows = await till.db.selectFrom('payments').selectAll().execute();
      expect(JSON.stringify(rows)).not.toContain(digits);
    },
  );

  it('tokens are not in what is published or logged', async () => {
    await till.pay(randomUUID(), body({ paymentToken: 'tok_ok_secret' }));
    const events = await till.db.selectFrom('outbox').select('event').execute();
    expect(JSON.stringify(events)).not.toContain('tok_ok_secret');
    expect(till.logged.join('')).not.toContain('tok_ok_secret');
  });
});
