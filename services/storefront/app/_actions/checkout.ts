'use server';
import { randomUUID } from 'node:crypto';
import { revalidatePath } from 'next/cache';
import { redirect } from 'next/navigation';
import { isUnfinished, type Order, orderSchema, shortageProblemSchema } from '#services/orders/contract';
import { ask, type Failure } from '../../shop/ask.ts';
import { countOf } from '../../shop/words.ts';
import { keepCount } from './keep-count.ts';
import { failed, type Outcome, textOf } from './outcome.ts';

/** Longest wait for a checkout, in milliseconds: the gateway gives up a little earlier. */
const timeoutMs = 7_000;

const words: Record<string, string> = {
  payment_declined: 'The bank said no. Nothing was charged: choose another way to pay.',
  challenge_abandoned: 'Your bank got no answer in time. Nothing was charged: try again.',
  cart_empty: 'There is nothing in your bag.',
  checkout_in_progress: 'We are still waiting for the bank. Press once more in a moment: you pay once only.',
  idempotency_key_reused: 'Something changed meanwhile. Look at it again, and pay.',
};

/** Buys what is in the bag. The same form sent twice is one purchase: it has a key. */
export async function buy(_before: Outcome, form: FormData): Promise<Outcome> {
  const [key, email] = [textOf(form, 'key'), textOf(form, 'email')];
  const body = { paymentToken: textOf(form, 'payment'), ...(email === '' ? {} : { email }) };
  const headers = { 'idempotency-key': key };
  const order = await ask('post', '/api/checkout', orderSchema, { body, headers, timeoutMs });
  if (!order.ok) return explain(form, order, key);
  // What the bank asks is on the page of the order.
  if (order.value.status === 'payment_challenged') redirect(`/orders/${order.value.orderId}`);
  return thank(order.value);
}

function thank({ orderId }: Order): never {
  keepCount({ items: [] });
  revalidatePath('/', 'layout');
  redirect(`/orders/${orderId}?thanks=1`);
}

/** What the customer says to their bank; the order's page shows what it came to. */
export async function answerBank(_before: Outcome, form: FormData): Promise<Outcome> {
  const path = `/orders/${encodeURIComponent(textOf(form, 'orderId'))}`;
  const body = { answer: textOf(form, 'answer') };
  const order = await ask('post', `/api${path}/challenge`, orderSchema, { body, timeoutMs, idempotent: true });
  if (!order.ok && order.status !== 402) return failed(form, order, words);
  if (order.ok && order.value.status === 'confirmed') return thank(order.value);
  revalidatePath(path);
  redirect(path);
}

function explain(form: FormData, failure: Failure, key: string): Outcome {
  const outcome = failed(form, failure, words);
  const shortage = shortageProblemSchema.safeParse(failure.problem);
  const problem = shortage.success ? describeShortage(shortage.data.left) : outcome.problem;
  return { ...outcome, problem, values: { ...outcome.values, key: isOver(failure) ? randomUUID() : key } };
}

/** Whether that purchase has ended, so that another try is another one. */
function isOver({ status, problem }: Failure): boolean {
  return status === 402 || status === 409
    ? problem.code !== 'checkout_in_progress'
    : status === 422 || isUnfinished({ status, body: problem });
}

function describeShortage(left: readonly { sku: string; left: number }[]): string {
  const lines = left.map(
    ({ sku, left: pieces }) =>
      `of ${sku} ${pieces === 0 ? 'none is' : `${countOf(pieces, 'piece is', 'pieces are')}`} left`,
  );
  return `Somebody was quicker: ${lines.join(', ')}. Change your bag, and try again.`;
}
