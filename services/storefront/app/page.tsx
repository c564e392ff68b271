import Link from 'next/link';
import type { ReactNode } from 'react';
import { type Category, productListSchema } from '#services/catalog/contract';
import { addressOf, pictureOfShelf } from '../pictures/address.ts';
import { ask } from '../shop/ask.ts';
import { shelves } from '../shop/words.ts';
import { Cards } from './_parts/cards.tsx';
import form from './_parts/form.module.css';
import notice from './_parts/notice.module.css';
import { Unavailable } from './_parts/unavailable.tsx';
import classes from './home.module.css';

const perPage = 8;
/** How many products there are to begin at; it moves on with the day. */
const places = 60;

const rail: [Category, string, string][] = [
  ['knitwear', 'rust', 'merino'],
  ['outerwear', 'camel', 'wool'],
  ['shoes', 'burgundy', 'leather'],
];

const dyes: [string, string][] = [
  ['navy', 'wool'],
  ['olive', 'cotton'],
  ['oat', 'linen'],
  ['rust', 'corduroy'],
  ['sky-blue', 'cotton'],
  ['burgundy', 'satin'],
];

function Hero(): ReactNode {
  return (
    <section className={classes.hero}>
      <div>
        <h1>Wear it out. Then have it mended.</h1>
        <p>
          We sell clothes that are better in their fifth winter than in their first. Few of them at a time, from eight
          makers whom we know by name.
        </p>
        <Link href="/shop" prefetch={false} className={form.button}>
          Look at everything
        </Link>
      </div>
      <ul className={classes.rail}>
        {rail.map(([category, colour, material]) => (
          <li key={category}>
            <Link href={`/shop?category=${category}`} prefetch={false}>
              {/* biome-ignore lint/performance/noImgElement: a drawing of some kilobytes, in the one size that there is */}
              <img
                src={addressOf(pictureOfShelf(category, colour, material))}
                alt={shelves.find((shelf) => shelf.category === category)?.title ?? category}
                width={400}
                height={500}
                fetchPriority="high"
              />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Shelves(): ReactNode {
  return (
    <section className={classes.section}>
      <h2>The shelves</h2>
      <ul className={classes.shelves}>
        {shelves.map(({ category, title, words }, index) => {
          const [colour = 'navy', material = 'wool'] = dyes[index % dyes.length] ?? [];
          return (
            <li key={category}>
              {/* biome-ignore lint/performance/noImgElement: a drawing of some kilobytes, in the one size that there is */}
              <img
                src={addressOf(pictureOfShelf(category, colour, material))}
                alt=""
                width={400}
                height={500}
                loading="lazy"
              />
              <div>
                <h3>
                  <Link href={`/shop?category=${category}`} prefetch={false}>
                    {title}
                  </Link>
                </h3>
                <p>{words}</p>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export default async function HomePage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}): Promise<ReactNode> {
  const { farewell } = await searchParams;
  const offset = (Math.floor(Date.now() / 86_400_000) % places) * perPage;
  const today = await ask('get', `/api/products?limit=${perPage}&offset=${offset}`, productListSchema);
  return (
    <>
      {farewell !== undefined && (
        <p role="status" className={notice.notice}>
          Your account is deleted, and what we kept about you with it. Thank you for having been here.
        </p>
      )}
      <Hero />
      <section className={classes.section}>
        <h2>On the table today</h2>
        {today.ok ? (
          <Cards products={today.value.items} />
        ) : (
          <Unavailable what="What lies on the table" failure={today} part />
        )}
      </section>
      <Shelves />
    </>
  );
}
