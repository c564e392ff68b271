import { randomUUID } from 'node:crypto';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { hidePersonal } from '#process/privacy';
import type { Caller } from '#services/kit/caller';
import { appendEvent } from '#services/kit/outbox';
import { DomainError } from '#services/kit/problem';
import { type Decision, events, type NewReview, type ProductReviews, type Review } from './contract.ts';
import { findConcern } from './moderation.ts';
import type { ReviewDocument, ReviewsTables } from './schema.ts';

type Db = Kysely<ReviewsTables>;
type Trx = Transaction<ReviewsTables>;

type Posting = {
  productId: string;
  review: NewReview;
  /** Every review waits for a person: a shop that is flooded with them. */
  held: boolean;
  caller: Caller;
  now: Date;
};

/**
 * Keeps a review of a product that was bought; one that gives no concern appears at once. Posted again for the same
 * order: the first one.
 */
export async function postReview(db: Db, { productId, review, held, caller, now }: Posting): Promise<Review> {
  const { orderId, rating } = review;
  const concern = findConcern(review.title, review.text) ?? (held ? 'held for a person like all' : null);
  // It is for everybody to read.
  const title = hidePersonal(review.title);
  const text = hidePersonal(review.text);
  const status = concern === null ? 'published' : 'pending';
  const document: ReviewDocument = { rating, title, text, concern, postedAt: now.toISOString(), decidedBy: null };
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .insertInto('reviews')
      .values({
        review_id: randomUUID(),
        product_id: productId,
        order_id: orderId,
        status,
        document: JSON.stringify(document),
        posted_at: now,
      })
      .onConflict((conflict) => conflict.columns(['product_id', 'order_id']).doNothing())
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) return readPosted(trx, productId, orderId);
    if (status === 'published') await countRating(trx, productId, rating);
    const { review_id: reviewId } = row;
    const data = { reviewId, productId, rating, status, ...caller };
    await appendEvent(trx, events, {
      type: 'review.posted',
      subject: productId,
      timeMs: now.getTime(),
      data,
    });
    return toReview(row);
  });
}

async function readPosted(trx: Trx, productId: string, orderId: string): Promise<Review> {
  const row = await trx
    .selectFrom('reviews')
    .selectAll()
    .where('product_id', '=', productId)
    .where('order_id', '=', orderId)
    .executeTakeFirstOrThrow();
  return toReview(row);
}

/** The newest published reviews of a product, and the sums over all of them. */
export async function readProductReviews(
  db: Db,
  productId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<ProductReviews> {
  const rows = await db
    .selectFrom('reviews')
    .selectAll()
    .where('product_id', '=', productId)
    .where('status', '=', 'published')
    .orderBy('posted_at', 'desc')
    .orderBy('review_id')
    .limit(limit)
    .offset(offset)
    .execute();
  const sums = await db
    .selectFrom('ratings')
    .select('histogram')
    .where('product_id', '=', productId)
    .executeTakeFirst();
  const histogram = sums?.histogram ?? [0, 0, 0, 0, 0];
  const count = histogram.reduce((sum, stars) => sum + stars, 0);
  const stars = histogram.reduce((sum, reviews, index) => sum + reviews * (index + 1), 0);
  return { items: rows.map(toReview), count, average: count === 0 ? null : stars / count, histogram };
}

/** Reviews that wait for a person, oldest first. */
export async function listPending(db: Db, limit: number): Promise<Review[]> {
  const rows = await db
    .selectFrom('reviews')
    .selectAll()
    .where('status', '=', 'pending')
    .orderBy('posted_at')
    .limit(limit)
    .execute();
  return rows.map(toReview);
}

/** @throws DomainError 404 `unknown_review`, 409 `already_decided` */
export async function decide(db: Db, reviewId: string, { decision, by }: Decision): Promise<Review> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('reviews')
      .selectAll()
      .where('review_id', '=', reviewId)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new DomainError('unknown_review', 404, 'There is no such review.');
    if (row.status !== 'pending') throw new DomainError('already_decided', 409, `The review is ${row.status} already.`);
    const status = decision === 'publish' ? 'published' : 'rejected';
    const document = { ...row.document, decidedBy: by };
    await trx
      .updateTable('reviews')
      .set({ status, document: JSON.stringify(document) })
      .where('review_id', '=', reviewId)
      .execute();
    if (status === 'published') await countRating(trx, row.product_id, document.rating);
    return toReview({ ...row, status, document });
  });
}

async function countRating(trx: Trx, productId: string, rating: number): Promise<void> {
  const one = [1, 2, 3, 4, 5].map((stars) => (stars === rating ? 1 : 0));
  await sql`
    insert into ratings (product_id, histogram) values (${productId}, ${one}::int[])
    on conflict (product_id) do update set histogram = (
      select array_agg(had + more order by place)
      from unnest(ratings.histogram, excluded.histogram) with ordinality as both_of (had, more, place)
    )`.execute(trx);
}

function toReview(row: Selectable<ReviewsTables['reviews']>): Review {
  const { decidedBy: _decidedBy, ...document } = row.document;
  return { reviewId: row.review_id, productId: row.product_id, status: row.status, ...document };
}
