'use client';
import { type ReactNode, useEffect, useState } from 'react';
import { addToBag } from '../../_actions/cart.ts';
import { ActionForm, Submit } from '../../_parts/form.tsx';
import type { Shown } from '../../_parts/picture.tsx';
import classes from './product.module.css';

/** A colour of a product: `prefix` and a size make its SKU. */
export type ColourOption = { name: string; prefix: string; dye: string; picture: Shown };

/** What is left by SKU; what nobody knows is absent. */
export type Left = Record<string, { available: number; status: 'in_stock' | 'low' | 'out_of_stock' }>;

type Props = { productId: string; colours: ColourOption[]; sizes: string[]; left: Left; children: ReactNode };

/** Asks what is left of a colour, once. */
function useLeft(productId: string, prefix: string, sizes: readonly string[], initial: Left): Left {
  const [left, setLeft] = useState(initial);
  useEffect(() => {
    const skus = sizes.map((size) => `${prefix}-${size}`);
    if (skus.some((sku) => left[sku] !== undefined)) return;
    const gone = new AbortController();
    const query = new URLSearchParams(skus.map((sku) => ['sku', sku]));
    fetch(`/products/${productId}/stock?${query}`, { signal: gone.signal })
      .then((response) => response.json())
      .then((more: Left) => setLeft((known) => ({ ...known, ...more })))
      // Who does not know what is left may still try to buy it.
      .catch(() => undefined);
    return () => gone.abort();
  }, [productId, prefix, sizes, left]);
  return left;
}

function describeStock(stock: Left[string] | undefined): { words: string; few: boolean } {
  if (stock === undefined) return { words: '', few: false };
  if (stock.status === 'out_of_stock') return { words: 'Sold out in this size.', few: true };
  if (stock.status === 'low') return { words: `Only ${stock.available} left in this size.`, few: true };
  return { words: 'There, and ready to go.', few: false };
}

/** The picture, and the choice of a colour and a size. */
export function OrderForm({ productId, colours, sizes, left: initial, children }: Props): ReactNode {
  const [first] = colours;
  const [prefix, setPrefix] = useState(first?.prefix ?? '');
  const [size, setSize] = useState(sizes.length === 1 ? (sizes[0] ?? '') : '');
  const left = useLeft(productId, prefix, sizes, initial);
  const shown = colours.find((colour) => colour.prefix === prefix) ?? first;
  const stock = describeStock(left[`${prefix}-${size}`]);
  if (shown === undefined) return null;
  return (
    <article className={classes.product}>
      {/* biome-ignore lint/performance/noImgElement: mostly a drawing of some kilobytes, in the one size that there is */}
      <img {...shown.picture} alt={shown.picture.alt} fetchPriority="high" />
      <div>
        {children}
        <ActionForm action={addToBag} className={classes.form} label="Put it into the bag" keeps>
          <fieldset>
            <legend>Colour: {shown.name.toLowerCase()}</legend>
            <div className={classes.options}>
              {colours.map((colour) => (
                <label key={colour.prefix} className={classes.option}>
                  <input
                    type="radio"
                    name="colour"
                    value={colour.prefix}
                    checked={colour.prefix === prefix}
                    onChange={() => setPrefix(colour.prefix)}
                  />
                  <span>
                    <svg viewBox="0 0 10 10" aria-hidden="true">
                      <circle cx="5" cy="5" r="4.4" fill={colour.dye} stroke="var(--quiet)" strokeWidth="0.6" />
                    </svg>
                    {colour.name}
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
          <fieldset>
            <legend>Size{size === '' ? '' : `: ${size === 'ONE' ? 'one for all' : size}`}</legend>
            <div className={classes.options}>
              {sizes.map((each) => (
                <label key={each} className={classes.option}>
                  <input
                    type="radio"
                    name="size"
                    value={each}
                    required
                    checked={each === size}
                    disabled={left[`${prefix}-${each}`]?.status === 'out_of_stock'}
                    onChange={() => setSize(each)}
                  />
                  <span>{each === 'ONE' ? 'One size' : each}</span>
                </label>
              ))}
            </div>
          </fieldset>
          <p className={`${classes.stock} ${stock.few ? classes.few : ''}`} role="status">
            {stock.words}
          </p>
          <Submit>Put it into the bag</Submit>
        </ActionForm>
      </div>
    </article>
  );
}
