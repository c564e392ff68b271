import { randomUUID } from 'node:crypto';
import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { cartSchema } from '#services/cart/contract';
import { accountSchema } from '#services/users/contract';
import { ask } from '../../shop/ask.ts';
import { countOf, formatPrice } from '../../shop/words.ts';
import { currentVisit } from '../../visit.ts';
import { buy } from '../_actions/checkout.ts';
import classes from '../_parts/bag.module.css';
import form from '../_parts/form.module.css';
import { ActionForm, Field, Hidden, Submit } from '../_parts/form.tsx';
import { Unavailable } from '../_parts/unavailable.tsx';

export const metadata: Metadata = { title: 'The till' };

/** What a wallet hands over: tokens, which stand for cards that we never see. Each shows another answer of a bank. */
const ways = [
  { token: 'tok_ok_wallet', name: 'Wallet', words: 'A bank that says yes.' },
  {
    token: 'tok_storefront_card',
    name: 'Saved card',
    words: 'A bank like most: now and then it asks you, or says no.',
  },
  { token: 'tok_challenge_card', name: 'New card', words: 'A bank that asks first whether it is you.' },
  { token: 'tok_insufficient_funds', name: 'Savings account', words: 'A bank that finds too little in it.' },
  { token: 'tok_expired_card', name: 'Old card', words: 'A bank that says it is over.' },
] as const;

function Ways(): ReactNode {
  return (
    <fieldset className={classes.ways}>
      <legend>How do you pay?</legend>
      {ways.map(({ token, name, words }, index) => (
        <label key={token}>
          <input type="radio" name="payment" value={token} defaultChecked={index === 0} required />
          <span>{name}</span>
          <span className={classes.quiet}>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

export default async function CheckoutPage(): Promise<ReactNode> {
  const isCustomer = currentVisit().session?.refreshToken != null;
  const [cart, account] = await Promise.all([
    ask('get', '/api/cart', cartSchema),
    isCustomer ? ask('get', '/api/account', accountSchema) : null,
  ]);
  if (!cart.ok) return <Unavailable what="The till" failure={cart} />;
  const { items, totalMinor } = cart.value;
  if (items.length === 0) {
    return (
      <>
        <h1>There is nothing to pay</h1>
        <p>
          Your bag is empty.{' '}
          <Link href="/shop" prefetch={false}>
            Look at everything
          </Link>
          .
        </p>
      </>
    );
  }
  return (
    <>
      <h1>The till</h1>
      <div className={classes.columns}>
        <ActionForm action={buy} label="Pay">
          <Hidden name="key" value={randomUUID()} />
          <Field
            name="email"
            type="email"
            label="Where do we write to?"
            hint="For the confirmation, and for nothing else. You may leave it empty."
            autoComplete="email"
            required={false}
            maxLength={254}
            initial={account?.ok ? account.value.email : ''}
          />
          <Ways />
          <Submit>Pay {formatPrice(totalMinor)}</Submit>
          <p className={form.hint}>
            A demonstration: choose what the bank is to say. Your card is never asked for, and there is no field for it.
          </p>
        </ActionForm>
        <section className={classes.sum} aria-label="What you buy">
          <h2>
            {countOf(
              items.reduce((sum, { quantity }) => sum + quantity, 0),
              'piece',
              'pieces',
            )}
          </h2>
          <dl>
            {items.map(({ sku, name, quantity, lineTotalMinor }) => (
              <div key={sku} className={classes.entry}>
                <dt>
                  {quantity > 1 && `${quantity} × `}
                  {name}
                </dt>
                <dd>{formatPrice(lineTotalMinor)}</dd>
              </div>
            ))}
            <dt className={classes.total}>Together</dt>
            <dd className={classes.total}>{formatPrice(totalMinor)}</dd>
          </dl>
          <Link href="/cart" prefetch={false}>
            Change the bag
          </Link>
        </section>
      </div>
    </>
  );
}
