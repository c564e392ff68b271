import { type Kysely, sql } from 'kysely';
import { changesSchema, type Product } from '#services/catalog/contract';
import { UnexpectedAnswerError } from '#services/kit/downstream';
import type { Client } from '#services/kit/fetch';
import type { SearchTables } from './schema.ts';

const feed = 'catalog';
const pageSize = 200;

/**
 * Reads the catalogue's change feed from where it was left to its end. Page and progress are written together, and one
 * instance reads at a time: what is read twice changes nothing, and nothing is skipped.
 * @returns how many products changed
 * @throws UnansweredError, UnexpectedAnswerError
 */
export async function followFeed({ db, catalog }: { db: Kysely<SearchTables>; catalog: Client }): Promise<number> {
  let changed = 0;
  for (let more = true; more; ) {
    const page = await db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('search.feed', 0))`.execute(trx);
      const row = await trx.selectFrom('progress').select('next').where('feed', '=', feed).executeTakeFirst();
      const after = Number(row?.next ?? 0);
      const answer = await catalog.get(`/changes?after=${after}&limit=${pageSize}`);
      const parsed = changesSchema.safeParse(answer.body);
      if (answer.status !== 200 || !parsed.success) throw new UnexpectedAnswerError('catalog', answer.status);
      const { items, next } = parsed.data;
      for (const product of items) await put(trx, product);
      await sql`insert into progress (feed, next) values (${feed}, ${next})
        on conflict (feed) do update set next = excluded.next`.execute(trx);
      return parsed.data;
    });
    changed += page.items.length;
    more = page.more;
  }
  return changed;
}

async function put(db: Kysely<SearchTables>, product: Product): Promise<void> {
  const row = {
    product: JSON.stringify(product),
    category: product.category,
    brand: product.brand,
    colours: product.colours,
    price_minor: product.priceMinor,
  };
  await db
    .insertInto('documents')
    .values({ id: product.id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}
