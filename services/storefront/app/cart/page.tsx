import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { type CartItem, cartSchema, maxQuantity } from '#services/cart/contract';
import { ask } from '../../shop/ask.ts';
import { formatPrice } from '../../shop/words.ts';
import { changeBag } from '../_actions/cart.ts';
import classes from '../_parts/bag.module.css';
import form from '../_parts/form.module.css';
import { ActionForm, Submit } from '../_parts/form.tsx';
import { Picture } from '../_parts/picture.tsx';
import { Unavailable } from '../_parts/unavailable.tsx';

export const metadata: Metadata = { title: 'Your bag' };

/** That a price is another one than when the thing was put in. */
function Changed({ item }: { item: CartItem }): ReactNode {
  const { previousPriceMinor, unitPriceMinor } = item;
  if (previousPriceMinor === null || previousPriceMinor === unitPriceMinor) return null;
  const words = unitPriceMinor < previousPriceMinor ? 'It has become cheaper' : 'It has become dearer';
  return (
    <p className={classes.changed}>
      {words}: {formatPrice(previousPriceMinor)} when you put it in.
    </p>
  );
}

function Line({ item }: { item: CartItem }): ReactNode {
  const { sku, productId, name, brand, colour, size, quantity, unitPriceMinor, lineTotalMinor } = item;
  return (
    <li>
      <Picture product={{ id: productId, name, category: 'tops', colours: [colour] }} eager />
      <div>
        <h2>
          <Link href={`/products/${productId}`} prefetch={false}>
            {name}
          </Link>
        </h2>
        <p className={classes.quiet}>
          {brand} · {colour}
          {size !== 'ONE' && ` · ${size}`} · {formatPrice(unitPriceMinor)}
        </p>
        <Changed item={item} />
        <div className={classes.change}>
          <ActionForm action={changeBag} className={classes.change} label={`How many: ${name}`}>
            <input type="hidden" name="sku" value={sku} />
            <input
              key={quantity}
              type="number"
              name="quantity"
              aria-label="Pieces"
              min={0}
              max={maxQuantity}
              defaultValue={quantity}
            />
            <Submit className={form.plain}>Change</Submit>
          </ActionForm>
          <ActionForm action={changeBag} className={classes.change} label={`Take out: ${name}`}>
            <input type="hidden" name="sku" value={sku} />
            <input type="hidden" name="quantity" value="0" />
            <Submit className={form.plain}>Take it out</Submit>
          </ActionForm>
        </div>
      </div>
      <p className={classes.amount}>{formatPrice(lineTotalMinor)}</p>
    </li>
  );
}

export default async function CartPage(): Promise<ReactNode> {
  const cart = await ask('get', '/api/cart', cartSchema);
  if (!cart.ok) return <Unavailable what="Your bag" failure={cart} />;
  const { items, totalMinor } = cart.value;
  if (items.length === 0) {
    return (
      <>
        <h1>Your bag is empty</h1>
        <p>There is room in it.</p>
        <Link href="/shop" prefetch={false} className={form.button}>
          Look at everything
        </Link>
      </>
    );
  }
  return (
    <>
      <h1>Your bag</h1>
      <div className={classes.columns}>
        <ul className={classes.lines}>
          {items.map((item) => (
            <Line key={item.sku} item={item} />
          ))}
        </ul>
        <section className={classes.sum} aria-label="Sum">
          <dl>
            <dt className={classes.total}>Together</dt>
            <dd className={classes.total}>{formatPrice(totalMinor)}</dd>
          </dl>
          <p className={classes.quiet}>With tax, and with the postage.</p>
          <Link href="/checkout" prefetch={false} className={form.button}>
            To the till
          </Link>
        </section>
      </div>
    </>
  );
}
