import Link from 'next/link';
import type { ReactNode } from 'react';
import type { ProductSummary } from '#services/catalog/contract';
import { dyeOf } from '../../pictures/colours.ts';
import classes from './cards.module.css';
import { Picture } from './picture.tsx';
import { Price } from './price.tsx';

/** A dot of colour; its name is said beside it or not at all. */
export function Dye({ colour }: { colour: string }): ReactNode {
  return (
    <svg viewBox="0 0 10 10" aria-hidden="true">
      <circle cx="5" cy="5" r="4.4" fill={dyeOf(colour)} stroke="var(--quiet)" strokeWidth="0.6" />
    </svg>
  );
}

type CardProps = { product: ProductSummary; eager: boolean; colour: string | undefined };

function Card({ product, eager, colour: shown }: CardProps): ReactNode {
  const { id, name, brand, colours } = product;
  return (
    <li className={classes.card}>
      <Picture product={product} colour={shown} eager={eager} />
      <h3 className={classes.name}>
        <Link href={`/products/${id}`} prefetch={false}>
          {name}
        </Link>
      </h3>
      <p className={classes.line}>
        <span className={classes.maker}>{brand}</span>
        <span className={classes.price}>
          <Price product={product} />
        </span>
      </p>
      <div className={classes.dyes} role="img" aria-label={`In ${colours.join(', ').toLowerCase()}`}>
        {colours.map((colour) => (
          <Dye key={colour} colour={colour} />
        ))}
      </div>
    </li>
  );
}

type CardsProps = {
  products: readonly ProductSummary[];
  /** So many pictures are loaded at once. */
  eager?: number;
  /** Products that there are in one of these are shown in it. */
  preferred?: readonly string[];
};

/** Products side by side. */
export function Cards({ products, eager = 0, preferred = [] }: CardsProps): ReactNode {
  return (
    <ul className={classes.grid}>
      {products.map((product, index) => (
        <Card
          key={product.id}
          product={product}
          eager={index < eager}
          colour={product.colours.find((colour) => preferred.includes(colour))}
        />
      ))}
    </ul>
  );
}
