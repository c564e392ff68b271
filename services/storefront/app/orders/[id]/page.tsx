import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { productIdOf } from '#services/catalog/contract';
import { type Order, type OrderLine, orderSchema } from '#services/orders/contract';
import { ask } from '../../../shop/ask.ts';
import { formatDay, formatPrice, shortId } from '../../../shop/words.ts';
import { answerBank } from '../../_actions/checkout.ts';
import { postReview } from '../../_actions/review.ts';
import classes from '../../_parts/bag.module.css';
import form from '../../_parts/form.module.css';
import { ActionForm, Field, Select, Submit } from '../../_parts/form.tsx';
import notice from '../../_parts/notice.module.css';
import { Picture } from '../../_parts/picture.tsx';
import { Unavailable } from '../../_parts/unavailable.tsx';

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> };

export const metadata: Metadata = { title: 'Your order' };

const stages = [
  { status: 'placed', words: 'Written down' },
  { status: 'confirmed', words: 'Paid, and put aside for you' },
] as const;

function wordsOfEnd({ cancelReason }: Order): string {
  if (cancelReason === 'challenge_abandoned') return 'Your bank got no answer in time, so this order was cancelled.';
  return cancelReason === 'payment_declined'
    ? 'Your bank said no, so this order was cancelled.'
    : 'This order was cancelled.';
}

function wordsOfRefund({ status, refundedMinor }: Order): string {
  return `${status === 'refunded' ? 'All of it' : 'A part of it'}, ${formatPrice(refundedMinor)}, was given back to you.`;
}

const times = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/** The question of the bank, which a real one asks in an app of its own. */
function BankQuestion({ order, until }: { order: Order; until: string }): ReactNode {
  return (
    <section className={`${notice.notice} ${classes.question}`} aria-label="Your bank asks">
      <h2>Your bank asks: is it you?</h2>
      <p>
        {formatPrice(order.totalMinor)} for Fold &amp; Fell. Answer by {times.format(new Date(until))} UTC, or nothing
        is bought and your things go back.
      </p>
      <div className={classes.answers}>
        <ActionForm action={answerBank} label="It is me">
          <input type="hidden" name="orderId" value={order.orderId} />
          <input type="hidden" name="answer" value="approve" />
          <Submit>Yes, I am paying</Submit>
        </ActionForm>
        <ActionForm action={answerBank} label="It is not me">
          <input type="hidden" name="orderId" value={order.orderId} />
          <input type="hidden" name="answer" value="refuse" />
          <Submit className={form.plain}>No, it is not me</Submit>
        </ActionForm>
      </div>
    </section>
  );
}

function Progress({ order }: { order: Order }): ReactNode {
  if (order.challengeUntil !== null) return <BankQuestion order={order} until={order.challengeUntil} />;
  // What is being undone is as good as undone to who ordered it.
  if (order.cancelReason !== null && order.status !== 'needs_human') {
    return <p className={`${notice.notice} ${notice.bad}`}>{wordsOfEnd(order)} Nothing was charged for it.</p>;
  }
  if (order.status === 'needs_human') {
    return (
      <p className={`${notice.notice} ${notice.bad}`}>
        This order could not be finished, and not be undone by itself. One of us is putting it right.
      </p>
    );
  }
  if (order.status === 'refund_requested' || order.refundedMinor > 0) {
    const words = order.status === 'refund_requested' ? 'Your money is on its way back.' : wordsOfRefund(order);
    return <p className={notice.notice}>{words} It takes your bank a few days to show it.</p>;
  }
  const reached = stages.findIndex(({ status }) => status === order.status);
  return (
    <ol className={classes.steps} aria-label="How far it is">
      {stages.map(({ status, words }, index) => (
        <li key={status} data-done={index <= reached} aria-current={index === reached ? 'step' : undefined}>
          {words}
        </li>
      ))}
    </ol>
  );
}

const ratings = [5, 4, 3, 2, 1].map((stars) => ({ value: String(stars), words: `${'★'.repeat(stars)} ${stars} of 5` }));

function ReviewForm({ order, line }: { order: Order; line: OrderLine }): ReactNode {
  return (
    <details className={classes.review}>
      <summary>Say what you think of it</summary>
      <ActionForm action={postReview} label={`Review: ${line.name}`}>
        <input type="hidden" name="orderId" value={order.orderId} />
        <input type="hidden" name="productId" value={productIdOf(line.sku)} />
        <Select name="rating" label="Stars" initial="5" options={ratings} />
        <Field name="title" label="In a few words" maxLength={120} />
        <Field name="text" label="And in a few more" required={false} maxLength={2_000} />
        <Submit>Say it</Submit>
      </ActionForm>
    </details>
  );
}

/** A SKU's colour and size are not in an order: its code says enough to draw it. */
function Line({ order, line }: { order: Order; line: OrderLine }): ReactNode {
  const productId = productIdOf(line.sku);
  return (
    <li>
      <Picture product={{ id: productId, name: line.name, category: 'tops', colours: [colourOf(line.sku)] }} />
      <div>
        <h2>
          <Link href={`/products/${productId}`} prefetch={false}>
            {line.name}
          </Link>
        </h2>
        <p className={classes.quiet}>
          {line.quantity} × {formatPrice(line.unitPriceMinor)} · {line.sku}
        </p>
      </div>
      <p className={classes.amount}>{formatPrice(line.quantity * line.unitPriceMinor)}</p>
      {order.status === 'confirmed' && <ReviewForm order={order} line={line} />}
    </li>
  );
}

const codes: Readonly<Record<string, string>> = {
  ...{ BLK: 'Black', WHT: 'White', NVY: 'Navy', OAT: 'Oat', CAM: 'Camel' },
  ...{ GRY: 'Grey marl', OLV: 'Olive', RST: 'Rust', BUR: 'Burgundy', SKY: 'Sky blue' },
};

function colourOf(sku: string): string {
  return codes[sku.split('-')[2] ?? ''] ?? '';
}

export default async function OrderPage({ params, searchParams }: Props): Promise<ReactNode> {
  const [{ id }, { thanks }] = await Promise.all([params, searchParams]);
  const reply = await ask('get', `/api/orders/${encodeURIComponent(id)}`, orderSchema);
  if (!reply.ok && reply.status < 500 && reply.status !== 429) notFound();
  if (!reply.ok) return <Unavailable what="Your order" failure={reply} />;
  const order = reply.value;
  const isNew = thanks !== undefined && order.status === 'confirmed';
  return (
    <>
      <h1>{isNew ? 'Thank you. It is yours.' : `Order ${shortId(order.orderId)}`}</h1>
      <p data-order={order.orderId}>
        {isNew && `Order ${shortId(order.orderId)}, `}
        {formatDay(order.placedAt)} · <strong>{formatPrice(order.totalMinor)}</strong>
      </p>
      <Progress order={order} />
      <ul className={classes.lines}>
        {order.lines.map((line) => (
          <Line key={line.sku} order={order} line={line} />
        ))}
      </ul>
    </>
  );
}
