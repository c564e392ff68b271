import Form from 'next/form';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Choice, Listing } from '../../shop/listing.ts';
import { writeChoice } from '../../shop/listing.ts';
import { titleOf } from '../../shop/words.ts';
import { Dye } from '../_parts/cards.tsx';
import form from '../_parts/form.module.css';
import classes from './listing.module.css';

type Values = { value: string; count: number }[];

function Checks({
  legend,
  name,
  values,
  chosen,
  dyed = false,
}: {
  legend: string;
  name: string;
  values: Values;
  chosen: readonly string[];
  dyed?: boolean;
}): ReactNode {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {values.map(({ value, count }) => (
        <label key={value}>
          <input type="checkbox" name={name} value={value} defaultChecked={chosen.includes(value)} />
          {dyed && <Dye colour={value} />}
          <span>{value}</span>
          <span>{count}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** What a listing can be narrowed by, as a form that needs no script. */
export function Filters({ choice, facets }: { choice: Choice; facets: NonNullable<Listing['facets']> }): ReactNode {
  const { q, category, brand = [], colour = [], sort, minPriceMinor, maxPriceMinor } = choice;
  const euros = (minor: number | undefined): string => (minor === undefined ? '' : String(minor / 100));
  const narrowed =
    brand.length + colour.length + (minPriceMinor === undefined ? 0 : 1) + (maxPriceMinor === undefined ? 0 : 1);
  return (
    <details className={classes.filters}>
      <summary>Narrow it down{narrowed > 0 && ` (${narrowed})`}</summary>
      <Form action="/shop" prefetch={false} key={writeChoice(choice)}>
        {q !== '' && <input type="hidden" name="q" value={q} />}
        {category !== undefined && <input type="hidden" name="category" value={category} />}
        <div className={form.field}>
          <label htmlFor="sort">In order of</label>
          <select id="sort" name="sort" defaultValue={sort}>
            <option value="relevance">what fits best</option>
            <option value="price">price, lowest first</option>
            <option value="-price">price, highest first</option>
          </select>
        </div>
        <Checks legend="Colour" name="colour" values={facets.colour} chosen={colour} dyed />
        <Checks legend="Maker" name="brand" values={facets.brand} chosen={brand} />
        <fieldset>
          <legend>Price in euros</legend>
          <div className={classes.prices}>
            <input
              name="from"
              inputMode="numeric"
              pattern="\d{1,6}"
              aria-label="from"
              placeholder="from"
              defaultValue={euros(minPriceMinor)}
            />
            <span aria-hidden="true">to</span>
            <input
              name="to"
              inputMode="numeric"
              pattern="\d{1,6}"
              aria-label="to"
              placeholder="to"
              defaultValue={euros(maxPriceMinor)}
            />
          </div>
        </fieldset>
        <button type="submit" className={form.button}>
          Show these
        </button>
        {narrowed > 0 && (
          <Link
            href={writeChoice({
              ...choice,
              brand: undefined,
              colour: undefined,
              minPriceMinor: undefined,
              maxPriceMinor: undefined,
            })}
            prefetch={false}
          >
            Show all{category === undefined ? '' : ` ${titleOf(category).toLowerCase()}`} again
          </Link>
        )}
      </Form>
    </details>
  );
}
