import { type ColumnType, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';
import type { Review, ReviewStatus } from './contract.ts';

/** What a review consists of, besides what it is found by. */
export type ReviewDocument = Omit<Review, 'reviewId' | 'productId' | 'status'> & {
  /** Who let it appear or kept it back. */
  decidedBy: string | null;
};

export type ReviewsTables = OutboxTables & {
  reviews: {
    review_id: string;
    product_id: string;
    /** The order is the author: one review per product and order. */
    order_id: string;
    status: ReviewStatus;
    document: ColumnType<ReviewDocument, string, string>;
    posted_at: ColumnType<Date, Date, never>;
  };
  /** Sums over published reviews, kept in the transaction that publishes one. */
  ratings: { product_id: string; histogram: number[] };
};

const schema = `
  CREATE TABLE reviews (
    review_id uuid PRIMARY KEY,
    product_id text NOT NULL,
    order_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'published', 'rejected')),
    document jsonb NOT NULL,
    posted_at timestamptz NOT NULL,
    UNIQUE (product_id, order_id)
  );
  CREATE INDEX reviews_product ON reviews (product_id, status, posted_at DESC);
  CREATE INDEX reviews_pending ON reviews (posted_at) WHERE status = 'pending';
  CREATE TABLE ratings (
    product_id text PRIMARY KEY,
    histogram integer[] NOT NULL CHECK (array_length(histogram, 1) = 5)
  );
`;

export const migrations: Record<string, Migration> = {
  '0001_outbox': outboxMigration,
  '0002_reviews': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
};
