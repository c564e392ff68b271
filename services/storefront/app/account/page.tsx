import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { type Preferences, preferencesSchema } from '#services/notifications/contract';
import { type Order, orderListSchema } from '#services/orders/contract';
import { type Address, accountSchema, addressListSchema } from '#services/users/contract';
import { ask } from '../../shop/ask.ts';
import { countOf, formatDay, formatPrice, shortId } from '../../shop/words.ts';
import { currentVisit } from '../../visit.ts';
import { addAddress, changePreferences, deleteAccount, removeAddress, signOut } from '../_actions/account.ts';
import classes from '../_parts/account.module.css';
import form from '../_parts/form.module.css';
import { ActionForm, Field, Select, Submit } from '../_parts/form.tsx';
import { Missing, Unavailable } from '../_parts/unavailable.tsx';

export const metadata: Metadata = { title: 'Your account' };

const states: Record<Order['status'], string> = {
  payment_challenged: 'waiting for your answer to your bank',
  ...{ placed: 'on its way', confirmed: 'paid', cancelled: 'cancelled' },
  ...{ needs_human: 'being put right by one of us', refund_requested: 'being given back', refunded: 'given back' },
};

function wordsOf({ status, refundedMinor }: Order): string {
  const isInPart = status === 'confirmed' && refundedMinor > 0;
  return isInPart ? `${states[status]}, ${formatPrice(refundedMinor)} given back` : states[status];
}

function Orders({ orders }: { orders: readonly Order[] }): ReactNode {
  if (orders.length === 0) return <p className={classes.quiet}>None yet.</p>;
  return (
    <ul className={classes.list}>
      {orders.map((order) => (
        <li key={order.orderId}>
          <span>
            <Link href={`/orders/${order.orderId}`} prefetch={false}>
              {shortId(order.orderId)}
            </Link>
            , {countOf(order.lines.length, 'thing', 'things')}
            <br />
            <span className={classes.quiet}>
              {formatDay(order.placedAt)} · {wordsOf(order)}
            </span>
          </span>
          <span>{formatPrice(order.totalMinor)}</span>
        </li>
      ))}
    </ul>
  );
}

function Addresses({ addresses }: { addresses: readonly Address[] }): ReactNode {
  return (
    <ul className={classes.list}>
      {addresses.map(({ addressId, name, street, postcode, city, country }) => (
        <li key={addressId}>
          <address>
            {name}
            <br />
            {street}
            <br />
            {postcode} {city}, {country}
          </address>
          <ActionForm action={removeAddress} label={`Remove: ${street}`}>
            <input type="hidden" name="addressId" value={addressId} />
            <Submit className={form.plain}>Remove</Submit>
          </ActionForm>
        </li>
      ))}
    </ul>
  );
}

function NewAddress({ open }: { open: boolean }): ReactNode {
  return (
    <details open={open} className={classes.section}>
      <summary>Write down an address</summary>
      <ActionForm action={addAddress} label="A new address">
        <Field name="name" label="Name" autoComplete="name" maxLength={80} />
        <Field name="street" label="Street and number" autoComplete="street-address" maxLength={120} />
        <Field name="postcode" label="Postcode" autoComplete="postal-code" minLength={2} maxLength={12} />
        <Field name="city" label="Town" autoComplete="address-level2" maxLength={80} />
        <Field
          name="country"
          label="Country"
          hint="Two letters, such as DE."
          autoComplete="country"
          pattern="[A-Za-z]{2}"
          maxLength={2}
        />
        <Submit>Write it down</Submit>
      </ActionForm>
    </details>
  );
}

const mailModes = [
  { value: 'each', words: 'at once' },
  { value: 'daily', words: 'together, once a day' },
  { value: 'none', words: 'not at all' },
];

function Mails({ preferences }: { preferences: Preferences }): ReactNode {
  return (
    <ActionForm action={changePreferences} label="Mails" keeps>
      <Select name="orders" label="What becomes of an order" options={mailModes} initial={preferences.orders} />
      <Select name="account" label="What concerns the account" options={mailModes} initial={preferences.account} />
      <Submit className={form.plain}>Write to me like this</Submit>
    </ActionForm>
  );
}

function Farewell(): ReactNode {
  return (
    <details className={classes.section}>
      <summary>Delete the account</summary>
      <ActionForm action={deleteAccount} label="Delete the account">
        <p>Name, e-mail address and addresses are deleted at once. It cannot be undone.</p>
        <label className={classes.sure}>
          <input type="checkbox" name="sure" value="yes" required />
          <span>I am sure.</span>
        </label>
        <Submit className={`${form.button} ${form.danger}`}>Delete my account</Submit>
      </ActionForm>
    </details>
  );
}

export default async function AccountPage(): Promise<ReactNode> {
  if (!currentVisit().session?.refreshToken) redirect('/sign-in');
  const [account, orders, addresses, preferences] = await Promise.all([
    ask('get', '/api/account', accountSchema),
    ask('get', '/api/account/orders', orderListSchema),
    ask('get', '/api/account/addresses', addressListSchema),
    ask('get', '/api/account/preferences', preferencesSchema),
  ]);
  if (!account.ok && account.status === 401) redirect('/sign-in');
  if (!account.ok) return <Unavailable what="Your account" failure={account} />;
  return (
    <>
      <div className={classes.head}>
        <div>
          <h1>Good to see you, {account.value.name}</h1>
          <p className={classes.quiet}>{account.value.email}</p>
        </div>
        <form action={signOut}>
          <button type="submit" className={form.plain}>
            Sign out
          </button>
        </form>
      </div>
      <div className={classes.columns}>
        <section className={classes.section}>
          <h2>Orders</h2>
          {orders.ok ? (
            <Orders orders={orders.value.items} />
          ) : (
            <Missing>Your orders cannot be shown just now.</Missing>
          )}
        </section>
        <div>
          <section className={classes.section}>
            <h2>Addresses</h2>
            {addresses.ok ? (
              <>
                <Addresses addresses={addresses.value.items} />
                <NewAddress open={addresses.value.items.length === 0} />
              </>
            ) : (
              <Missing>Your addresses cannot be shown just now.</Missing>
            )}
          </section>
          <section className={classes.section}>
            <h2>Mails</h2>
            {preferences.ok ? (
              <Mails preferences={preferences.value} />
            ) : (
              <Missing>Which mails you want cannot be shown just now.</Missing>
            )}
          </section>
          <Farewell />
        </div>
      </div>
    </>
  );
}
