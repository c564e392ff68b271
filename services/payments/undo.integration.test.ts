import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paymentIdFor } from './contract.ts';
import { body, startPayments } from './payments-fixture.ts';

let till: Awaited<ReturnType<typeof startPayments>>;

beforeAll(async () => {
  till = await startPayments();
}, 60_000);

afterAll(() => till.stop(), 30_000);

describe('an undoing', () => {
  it('lets go what is held', async () => {
    const key = randomUUID();
    await till.pay(key, body());
    const statuses = await Promise.all([1, 2, 3].map(async () => (await till.refund(paymentIdFor(key))).status));
    expect(statuses).toEqual(['voided', 'voided', 'voided']);
    expect(await till.booksOf(key)).toEqual({ charges: ['approved'], taken: 0, refunds: 0 });
    expect(await till.eventsOf(key)).toEqual(['payment.authorised', 'payment.voided']);
  });

  it('gives what was taken back once', async () => {
    const key = randomUUID();
    await till.paid(key, body());
    const statuses = await Promise.all([1, 2, 3].map(async () => (await till.refund(paymentIdFor(key))).status));
    expect(statuses).toEqual(['refunded', 'refunded', 'refunded']);
    expect(await till.booksOf(key)).toEqual({ charges: ['approved'], taken: 1, refunds: 1 });
    expect(await till.eventsOf(key)).toEqual(['payment.authorised', 'payment.captured', 'payment.refunded']);
  });

  it('of a payment that never arrived keeps it from being charged when it does', async () => {
    const key = randomUUID();
    expect((await till.refund(paymentIdFor(key))).status).toBe('voided');
    const answer = await till.pay(key, body());
    expect(answer.statusCode).toBe(409);
    expect(answer.json().code).toBe('payment_reversed');
    expect(await till.booksOf(key)).toEqual({ charges: [], taken: 0, refunds: 0 });
  });

  it('of a payment whose answer was lost lets go what is held', async () => {
    const key = randomUUID();
    till.line.loseAnswers = 2;
    await till.pay(key, body());
    expect((await till.refund(paymentIdFor(key))).status).toBe('voided');
    expect(await till.heldOf(key)).toBe(0);
  });

  it('that meets its charge on the way leaves nothing held for the shop', async () => {
    for (let round = 0; round < 20; round += 1) {
      const key = randomUUID();
      await Promise.all([till.pay(key, body()), till.refund(paymentIdFor(key))]);
      await till.refund(paymentIdFor(key));
      expect(await till.heldOf(key)).toBe(0);
      expect((await till.booksOf(key)).taken).toBe(0);
    }
  });

  it('of a declined payment returns nothing', async () => {
    const key = randomUUID();
    await till.pay(key, body({ paymentToken: 'tok_declined' }));
    expect((await till.refund(paymentIdFor(key))).status).toBe('declined');
    expect((await till.booksOf(key)).refunds).toBe(0);
  });
});

describe('a refund of a part', () => {
  const part = (key: string, refundId: string, amountMinor: number) =>
    till.app.inject({
      method: 'PUT',
      url: `/payments/${paymentIdFor(key)}/refunds/${refundId}`,
      payload: { amountMinor },
    });
  const bankOf = async (key: string) => {
    const query = till.db.selectFrom('acquirer.refunds').select('amount_minor').where('key', '=', paymentIdFor(key));
    return (await query.orderBy('amount_minor').execute()).map(({ amount_minor: amount }) => amount);
  };

  it('is made once under its id, at once, later, or after its answer was lost; the last one closes the payment', async () => {
    const [key, one, two] = [randomUUID(), randomUUID(), randomUUID()];
    await till.paid(key, body({ amountMinor: 5_000 }));
    till.line.loseAnswers = 2;
    expect((await part(key, one, 2_000)).statusCode).toBe(502);
    const answers = await Promise.all([1, 2, 3].map(() => part(key, one, 2_000)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(await till.eventsOf(key)).toEqual(['payment.authorised', 'payment.captured', 'payment.refunded']);
    expect((await part(key, two, 3_000)).statusCode).toBe(200);
    expect(await bankOf(key)).toEqual([2_000, 3_000]);
    const now = await till.app.inject(`/payments/${paymentIdFor(key)}`);
    expect(now.json()).toMatchObject({ status: 'refunded', amountMinor: 5_000 });
  });

  it('is never of more than is left, however many ask at once', async () => {
    const key = randomUUID();
    await till.paid(key, body({ amountMinor: 5_000 }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => part(key, randomUUID(), 1_500)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(3);
    expect(answers.find(({ statusCode }) => statusCode !== 200)?.json()).toMatchObject({ code: 'refund_too_large' });
    expect(await bankOf(key)).toEqual([1_500, 1_500, 1_500]);
  });

  it('is refused of what was not charged, of another amount, and shuts the way back as a whole', async () => {
    const [key, declined, id] = [randomUUID(), randomUUID(), randomUUID()];
    await till.pay(key, body());
    expect((await part(key, id, 1)).json()).toMatchObject({ code: 'not_refundable' });
    await till.take(key);
    await till.pay(declined, body({ paymentToken: 'tok_declined' }));
    expect((await part(randomUUID(), id, 1)).json()).toMatchObject({ code: 'unknown_payment' });
    expect((await part(declined, id, 1)).json()).toMatchObject({ code: 'not_refundable' });
    await part(key, id, 1_000);
    expect((await part(key, id, 1_001)).json()).toMatchObject({ code: 'refund_differs' });
    const whole = await till.app.inject({ method: 'POST', url: `/payments/${paymentIdFor(key)}/refund` });
    expect(whole.json()).toMatchObject({ code: 'partly_refunded' });
  });
});
