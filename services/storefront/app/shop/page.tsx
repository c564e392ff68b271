import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import {
  type Choice,
  findProducts,
  type Listing,
  type Params,
  perPage,
  readChoice,
  writeChoice,
} from '../../shop/listing.ts';
import { countOf, shelves, titleOf } from '../../shop/words.ts';
import { Cards } from '../_parts/cards.tsx';
import { Missing, Unavailable } from '../_parts/unavailable.tsx';
import { Filters } from './filters.tsx';
import classes from './listing.module.css';

type Props = { searchParams: Promise<Params> };

function headingOf({ q, category }: Choice): string {
  if (q !== '') return `“${q}”${category === undefined ? '' : ` in ${titleOf(category).toLowerCase()}`}`;
  return category === undefined ? 'Everything' : titleOf(category);
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  return { title: headingOf(readChoice(await searchParams)) };
}

function Pages({ choice, total }: { choice: Choice; total: number }): ReactNode {
  const page = choice.offset / perPage + 1;
  const last = Math.ceil(total / perPage);
  if (last <= 1) return null;
  return (
    <nav aria-label="Pages" className={classes.pages}>
      {page > 1 ? (
        <Link href={writeChoice(choice, { page: page - 1 })} rel="prev" prefetch={false}>
          ← Back
        </Link>
      ) : (
        <span />
      )}
      <span className={classes.quiet}>
        Page {page} of {last}
      </span>
      {page < last ? (
        <Link href={writeChoice(choice, { page: page + 1 })} rel="next" prefetch={false}>
          More →
        </Link>
      ) : (
        <span />
      )}
    </nav>
  );
}

function Found({ choice, listing }: { choice: Choice; listing: Listing }): ReactNode {
  const { items, total, facets } = listing;
  const results = (
    <div>
      {facets === null && (
        <Missing>Search is having a lie-down, and the filters with it. Here is the whole shelf.</Missing>
      )}
      {items.length === 0 ? (
        <p>
          Nothing here. Try fewer words, or{' '}
          <Link href={writeChoice({ ...choice, q: '', brand: undefined, colour: undefined })} prefetch={false}>
            look along the shelf
          </Link>
          .
        </p>
      ) : (
        <Cards products={items} eager={8} preferred={choice.colour} />
      )}
      <Pages choice={choice} total={total} />
    </div>
  );
  if (facets === null || facets.brand.length + facets.colour.length === 0) return results;
  return (
    <div className={classes.columns}>
      <Filters choice={choice} facets={facets} />
      {results}
    </div>
  );
}

export default async function ShopPage({ searchParams }: Props): Promise<ReactNode> {
  const choice = readChoice(await searchParams);
  const found = await findProducts(choice);
  if (!found.ok) return <Unavailable what="This shelf" failure={found} />;
  const words = choice.q === '' ? shelves.find(({ category }) => category === choice.category)?.words : undefined;
  return (
    <>
      <div className={classes.head}>
        <h1>{headingOf(choice)}</h1>
        {words !== undefined && <p className={classes.words}>{words}</p>}
        <p className={classes.quiet} role="status">
          {countOf(found.value.total, 'thing', 'things')}
        </p>
      </div>
      <Found choice={choice} listing={found.value} />
    </>
  );
}
