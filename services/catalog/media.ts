import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { DomainError } from '#services/kit/problem';
import { announceChanges, lockChanges } from './changes.ts';
import type { Medium, Product } from './contract.ts';
import type { CatalogTables } from './schema.ts';

/**
 * Sets the pictures of a product, in the order in which they are shown; those that it has already change nothing.
 * @throws DomainError `unknown_colour` for a picture of a colour that there is not
 * @returns null when there is no such product
 */
export async function changeMedia(
  db: Kysely<CatalogTables>,
  { productId, media, nowMs }: { productId: string; media: Medium[]; nowMs: number },
): Promise<Product | null> {
  return db.transaction().execute(async (trx) => {
    await lockChanges(trx);
    const row = await trx.selectFrom('products').select('product').where('id', '=', productId).executeTakeFirst();
    if (row === undefined) return null;
    const { media: before = [], ...rest } = row.product;
    const at = media.findIndex(({ colour }) => colour !== undefined && !rest.colours.includes(colour));
    if (at !== -1) {
      const message = `media/${at}/colour: ${productId} is there in ${rest.colours.join(', ')}.`;
      throw new DomainError('unknown_colour', 400, message);
    }
    if (isDeepStrictEqual(before, media)) return row.product;
    const product: Product = media.length === 0 ? rest : { ...rest, media };
    await sql`update products set product = ${JSON.stringify(product)}::jsonb where id = ${productId}`.execute(trx);
    await announceChanges(trx, [product], nowMs);
    return product;
  });
}
