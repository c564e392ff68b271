import type { ReactNode } from 'react';
import type { ProductSummary } from '#services/catalog/contract';
import { formatPrice } from '../../shop/words.ts';
import classes from './price.module.css';

/** What is asked; during a sale beside the regular price, which is struck through for who sees and named for who hears. */
export function Price({
  product: { priceMinor, wasMinor },
}: {
  product: Pick<ProductSummary, 'priceMinor' | 'wasMinor'>;
}): ReactNode {
  if (wasMinor === undefined) return formatPrice(priceMinor);
  return (
    <>
      <span className={classes.heard}>Sale price </span>
      {formatPrice(priceMinor)}{' '}
      <s className={classes.regular}>
        <span className={classes.heard}>Regular price </span>
        {formatPrice(wasMinor)}
      </s>
    </>
  );
}
