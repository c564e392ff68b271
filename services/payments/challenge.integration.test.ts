import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paymentIdFor } from './contract.ts';
import { body, startPayments } from './payments-fixture.ts';

let till: Awaited<ReturnType<typeof startPayments>>;

beforeAll(async () => {
  till = await startPayments();
}, 60_000);

afterAll(() => till.stop(), 30_000);

const payload = body({ paymentToken: 'tok_challenge' });

async function challenged(key: string): Promise<string> {
  const answer = await till.pay(key, payload);
  expect(answer.statusCode).toBe(202);
  return answer.json().challengeToken;
}

const say = (key: string, token: string, answer: 'approve' | 'refuse') =>
  till.app.inject({
    ...{ method: 'POST', url: `/payments/${paymentIdFor(key)}/challenge`, payload: { token, answer } },
  });

describe('a payment of which the bank asks its customer first', () => {
  it('waits, holds nothing, and cannot be taken', async () => {
    const key = randomUUID();
    const token = await challenged(key);
    expect(await challenged(key)).toBe(token);
    expect(await till.heldOf(key)).toBe(0);
    expect((await till.take(key)).json()).toMatchObject({ code: 'not_capturable' });
    expect(await till.eventsOf(key)).toEqual([]);
  });

  it('is authorised when they say yes, once, even if the answer was lost', async () => {
    const key = randomUUID();
    const token = await challenged(key);
    till.line.loseAnswers = 2;
    expect((await say(key, token, 'approve')).statusCode).toBe(502);
    const answers = await Promise.all(['approve', 'refuse', 'approve'].map((one) => say(key, token, one as 'approve')));
    expect(answers.map((answer) => answer.json().status)).toEqual(['authorised', 'authorised', 'authorised']);
    expect((await till.pay(key, payload)).statusCode).toBe(201);
    expect((await till.take(key)).json()).toMatchObject({ status: 'captured' });
    expect(await till.eventsOf(key)).toEqual(['payment.authorised', 'payment.captured']);
  });

  it('is declined when they say no', async () => {
    const key = randomUUID();
    const answer = await say(key, await challenged(key), 'refuse');
    expect([answer.statusCode, answer.json().reason]).toEqual([402, 'challenge_refused']);
    expect((await till.pay(key, payload)).statusCode).toBe(402);
  });

  it('is not answered with another token, nor with more than is asked', async () => {
    const key = randomUUID();
    const token = await challenged(key);
    expect((await say(key, 'chl_other', 'approve')).json()).toMatchObject({ code: 'unknown_challenge' });
    const url = `/payments/${paymentIdFor(key)}/challenge`;
    const more = await till.app.inject({ method: 'POST', url, payload: { token, answer: 'approve', more: 1 } });
    expect(more.statusCode).toBe(400);
    expect(await challenged(key)).toBe(token);
  });

  it('and an undoing at once: nothing is held', async () => {
    for (let round = 0; round < 10; round += 1) {
      const key = randomUUID();
      const token = await challenged(key);
      await Promise.all([say(key, token, 'approve'), till.refund(paymentIdFor(key))]);
      await till.refund(paymentIdFor(key));
      expect(await till.heldOf(key)).toBe(0);
      expect((await say(key, token, 'approve')).statusCode).toBe(409);
    }
  });
});
