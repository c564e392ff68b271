import type { ReactNode } from 'react';
import type { ProductReviews } from '#services/reviews/contract';
import { countOf, formatDay } from '../../../shop/words.ts';
import classes from './product.module.css';

function Stars({ rating }: { rating: number }): ReactNode {
  const full = Math.round(rating);
  return (
    <span className={classes.stars} role="img" aria-label={`${Number(rating.toFixed(1))} of 5 stars`}>
      {'★'.repeat(full)}
      {'☆'.repeat(5 - full)}
    </span>
  );
}

function Bars({ histogram, count }: Pick<ProductReviews, 'histogram' | 'count'>): ReactNode {
  return (
    <dl className={classes.bars}>
      {histogram.toReversed().map((reviews, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is the number of stars
        <div key={index} data-stars={5 - index} className={classes.bar}>
          <dt>{5 - index} ★</dt>
          <dd>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect width="100" height="6" fill="var(--wash)" />
              <rect width={count === 0 ? 0 : (100 * reviews) / count} height="6" fill="var(--rust)" />
            </svg>
          </dd>
          <dd>{reviews}</dd>
        </div>
      ))}
    </dl>
  );
}

/** So many at most; the average is of all. */
const shown = 6;

/** What those say who bought it. */
export function Reviews({ reviews }: { reviews: ProductReviews }): ReactNode {
  const { items, count, average, histogram } = reviews;
  if (average === null) return <p className={classes.quiet}>Nobody has said anything yet. Who buys it may.</p>;
  return (
    <>
      <div className={classes.score}>
        <span>
          <Stars rating={average} /> {average.toFixed(1)} from {countOf(count, 'review', 'reviews')}
        </span>
        <Bars histogram={histogram} count={count} />
      </div>
      <ul className={classes.reviews}>
        {items.slice(0, shown).map(({ reviewId, rating, title, text, postedAt }) => (
          <li key={reviewId}>
            <Stars rating={rating} />
            <h3>{title}</h3>
            {text !== '' && <p>{text}</p>}
            <p className={classes.quiet}>Bought it here · {formatDay(postedAt)}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
