import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { cache, type ReactNode } from 'react';
import { type Product, productSchema } from '#services/catalog/contract';
import { recommendationsSchema } from '#services/recommendations/contract';
import { productReviewsSchema } from '#services/reviews/contract';
import { dyeOf } from '../../../pictures/colours.ts';
import { ask } from '../../../shop/ask.ts';
import { readStock } from '../../../shop/stock.ts';
import { titleOf } from '../../../shop/words.ts';
import { Cards } from '../../_parts/cards.tsx';
import { showIn } from '../../_parts/picture.tsx';
import { Price } from '../../_parts/price.tsx';
import { Missing, Unavailable } from '../../_parts/unavailable.tsx';
import { type ColourOption, OrderForm } from './_order-form.tsx';
import { Reviews } from './_reviews.tsx';
import classes from './product.module.css';

type Props = { params: Promise<{ id: string }> };

/** Once per request: asking for a product counts as a look at it. */
const readProduct = cache((id: string) => ask('get', `/api/products/${encodeURIComponent(id)}`, productSchema));

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const product = await readProduct((await params).id);
  return product.ok ? { title: product.value.name, description: product.value.description } : {};
}

function coloursOf(product: Product): ColourOption[] {
  return product.colours.flatMap((name) => {
    const variant = product.variants.find((each) => each.colour === name);
    if (variant === undefined) return [];
    const prefix = variant.sku.slice(0, -variant.size.length - 1);
    return [{ name, prefix, dye: dyeOf(name), picture: showIn(product, name) }];
  });
}

async function Said({ id }: { id: string }): Promise<ReactNode> {
  const reviews = await ask('get', `/api/products/${encodeURIComponent(id)}/reviews`, productReviewsSchema);
  return reviews.ok ? (
    <Reviews reviews={reviews.value} />
  ) : (
    <Missing>What others say cannot be shown just now.</Missing>
  );
}

async function GoesWith({ id }: { id: string }): Promise<ReactNode> {
  const path = `/api/products/${encodeURIComponent(id)}/recommendations?limit=4`;
  const goesWith = await ask('get', path, recommendationsSchema);
  if (!goesWith.ok || goesWith.value.items.length === 0) return null;
  return (
    <section className={classes.section}>
      <h2>Goes with it</h2>
      <Cards products={goesWith.value.items} />
    </section>
  );
}

export default async function ProductPage({ params }: Props): Promise<ReactNode> {
  const { id } = await params;
  const reply = await readProduct(id);
  if (!reply.ok && reply.status === 404) notFound();
  if (!reply.ok) return <Unavailable what="This page" failure={reply} />;
  const product = reply.value;
  const colours = coloursOf(product);
  const left = await readStock(product.sizes.map((size) => `${colours[0]?.prefix}-${size}`));
  return (
    <>
      <OrderForm productId={product.id} colours={colours} sizes={product.sizes} left={left}>
        <p className={classes.maker}>
          <Link href={`/shop?brand=${encodeURIComponent(product.brand)}`} prefetch={false}>
            {product.brand}
          </Link>{' '}
          ·{' '}
          <Link href={`/shop?category=${product.category}`} prefetch={false}>
            {titleOf(product.category)}
          </Link>
        </p>
        <h1>{product.name}</h1>
        <p className={classes.price}>
          <Price product={product} />
        </p>
        <p>{product.description}</p>
      </OrderForm>
      <section className={classes.section}>
        <h2>What others say</h2>
        <Said id={product.id} />
      </section>
      <GoesWith id={product.id} />
    </>
  );
}
