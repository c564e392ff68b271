import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Rule } from './shop-fixture.ts';
import { openShop } from './visit-fixture.ts';

const { shop, fillCart, post, read, booksOf, untilFinished } = openShop();

/** An order of which the bank asks its customer. */
async function ask() {
  const [cartId, key] = [fillCart(), randomUUID()];
  const again = () => post(cartId, key, 'tok_challenge_visa');
  const { status, body } = await again();
  expect([status, body.status]).toEqual([202, 'payment_challenged']);
  return { cartId, again, orderId: String(body.orderId) };
}

async function say(orderId: string, body: object, sessionId = 's-1') {
  const answer = await fetch(`${shop().ordersUrl}/orders/${orderId}/challenge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-session-id': sessionId },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const nothing = { held: 0, charges: 0, refunds: 0 };

describe('an order of which the bank asks its customer', () => {
  it('waits with its stock held and nothing charged, and is confirmed when they say yes', async () => {
    const { cartId, again, orderId } = await ask();
    expect(await booksOf(cartId)).toMatchObject({ money: nothing, stock: 'held' });
    expect((await again()).status).toBe(202);
    expect(Date.parse(String((await read(orderId)).body.challengeUntil))).toBeGreaterThan(Date.now());
    const answers = await Promise.all([1, 2, 3].map(() => say(orderId, { answer: 'approve' })));
    expect(answers.map(({ body }) => body.status)).toEqual(['confirmed', 'confirmed', 'confirmed']);
    expect((await again()).status).toBe(201);
    expect(await untilFinished(cartId)).toMatchObject({ money: { ...nothing, charges: 1 }, stock: 'committed' });
    const trail = await (await fetch(`${shop().ordersUrl}/orders/${orderId}/events`)).text();
    expect(trail).toContain('challenge_answered');
    expect(trail).not.toContain('chl_');
  });

  it('is cancelled when they say no', async () => {
    const { cartId, again, orderId } = await ask();
    const refused = { status: 402, body: { code: 'payment_declined', reason: 'challenge_refused' } };
    expect(await say(orderId, { answer: 'refuse' })).toMatchObject(refused);
    expect(await again()).toMatchObject(refused);
    expect(await untilFinished(cartId)).toMatchObject({ money: nothing, stock: 'released' });
  });

  it('is cancelled when they do not answer in time, and an answer after that changes nothing', async () => {
    const { cartId, again, orderId } = await ask();
    expect(await untilFinished(cartId)).toMatchObject({ money: nothing, stock: 'released' });
    expect((await read(orderId)).body).toMatchObject({ status: 'cancelled', cancelReason: 'challenge_abandoned' });
    const over = { status: 402, body: { code: 'challenge_abandoned' } };
    expect(await say(orderId, { answer: 'approve' })).toMatchObject(over);
    expect(await again()).toMatchObject(over);
    expect((await booksOf(cartId)).money).toEqual(nothing);
  }, 90_000);

  it('is answered by nobody else, and with nothing else', async () => {
    const { orderId } = await ask();
    expect((await say(orderId, { answer: 'approve' }, 's-2')).status).toBe(404);
    expect((await say(orderId, { answer: 'maybe' })).status).toBe(400);
    expect((await say(orderId, { answer: 'approve', more: 1 })).status).toBe(400);
    expect((await say(randomUUID(), { answer: 'approve' })).status).toBe(404);
  });

  it.each<[string, Rule[]]>([
    ['while it waits', []],
    ['before their answer gets through', [{ call: /\/challenge$/, when: 'before', action: 'kill', times: 1 }]],
    ['after their answer got through', [{ call: /\/challenge$/, when: 'after', action: 'kill', times: 1 }]],
    [
      'before it asks what the answer came to',
      [{ call: /^POST \/payments$/, when: 'before', action: 'kill', times: 1 }],
    ],
  ])(
    'goes on after orders was killed %s',
    async (_name, rules) => {
      const { cartId, orderId } = await ask();
      shop().rules.push(...rules);
      if (rules.length === 0) shop().killOrders();
      else await say(orderId, { answer: 'approve' }).catch(() => undefined);
      await shop().restartOrders();
      await say(orderId, { answer: 'approve' });
      const books = await untilFinished(cartId);
      // On a machine so busy that its time was over, it is undone.
      const confirmed = books.log.includes('confirmed');
      expect(books).toMatchObject(
        confirmed ? { money: { ...nothing, charges: 1 }, stock: 'committed' } : { money: nothing, stock: 'released' },
      );
      expect(confirmed || books.log.includes('compensation_started')).toBe(true);
    },
    120_000,
  );
});
