import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { DomainError } from '#services/kit/problem';
import { announceChanges, lockChanges } from './changes.ts';
import type { NewSale, Product, Sale } from './contract.ts';
import type { CatalogTables } from './schema.ts';

/** PostgreSQL's `exclusion_violation`. */
const overlaps = '23P01';

const columns = sql<Sale>`
  id as "saleId", product_id as "productId", price_minor as "priceMinor", state,
  to_char(lower(validity) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "validFrom",
  to_char(upper(validity) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "validTo"`;

/**
 * Schedules a price for a time. It begins and ends by itself; the regular price may change meanwhile.
 * @throws DomainError `sale_is_over` for a time that has passed, `not_below_regular_price`, `sale_overlaps` for a product
 * that has another sale in that time, whoever schedules at the same moment
 * @returns null when there is no such product
 */
export async function scheduleSale(
  db: Kysely<CatalogTables>,
  { productId, sale, nowMs }: { productId: string; sale: NewSale; nowMs: number },
): Promise<Sale | null> {
  if (Date.parse(sale.validTo) <= nowMs) throw new DomainError('sale_is_over', 400, 'validTo: this time has passed.');
  return db.transaction().execute(async (trx) => {
    // Two that overlap would otherwise wait for each other to find out.
    const product = await trx
      .selectFrom('products')
      .select('regular_minor')
      .where('id', '=', productId)
      .forUpdate()
      .executeTakeFirst();
    if (product === undefined) return null;
    if (sale.priceMinor >= product.regular_minor) {
      const message = `priceMinor: the regular price is ${product.regular_minor}; a sale is below it.`;
      throw new DomainError('not_below_regular_price', 400, message);
    }
    return insertSale(trx, productId, sale);
  });
}

async function insertSale(
  trx: Transaction<CatalogTables>,
  productId: string,
  { priceMinor, validFrom, validTo }: NewSale,
): Promise<Sale | null> {
  const { rows } = await sql<Sale>`
    insert into sales (id, product_id, price_minor, validity)
    values (${randomUUID()}, ${productId}, ${priceMinor}, tstzrange(${validFrom}, ${validTo}))
    returning ${columns}`
    .execute(trx)
    .catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === overlaps)) throw error;
      throw new DomainError('sale_overlaps', 409, `${productId} has another sale in that time.`);
    });
  return rows[0] ?? null;
}

/** A product's sales, the first to begin first: those to come, the one that runs, those that are over. */
export async function listSales(db: Kysely<CatalogTables>, productId: string): Promise<Sale[]> {
  const { rows } = await sql<Sale>`
    select ${columns} from sales where product_id = ${productId} order by lower(validity)`.execute(db);
  return rows;
}

/**
 * Takes back a sale that has not begun. Taking it back twice is one.
 * @throws DomainError `sale_has_begun`
 */
export async function cancelSale(
  db: Kysely<CatalogTables>,
  { productId, saleId }: { productId: string; saleId: string },
): Promise<void> {
  const ofProduct = db.selectFrom('sales').select('state').where('id', '=', saleId).where('product_id', '=', productId);
  await db
    .deleteFrom('sales')
    .where('id', '=', saleId)
    .where('product_id', '=', productId)
    .where('state', '=', 'scheduled')
    .execute();
  const left = await ofProduct.executeTakeFirst();
  if (left !== undefined) throw new DomainError('sale_has_begun', 409, `Sale ${saleId} has begun.`);
}

/**
 * Begins and ends the sales whose time has come, each once however many instances ask, with `product.changed` in the
 * same transaction. A sale that nobody was there to begin or end is begun or ended late.
 * @returns the products whose price is another now
 */
export async function turnSales(db: Kysely<CatalogTables>, nowMs: number): Promise<Product[]> {
  const now = new Date(nowMs);
  const due = sql<boolean>`(state = 'scheduled' and lower(validity) <= ${now} or state = 'running' and upper(validity) <= ${now})`;
  // Nearly always there is none, and nobody has to wait for it.
  if ((await db.selectFrom('sales').select('id').where(due).limit(1).execute()).length === 0) return [];
  return db.transaction().execute(async (trx) => {
    await lockChanges(trx);
    const turned = await trx
      .updateTable('sales')
      .set({ state: sql`case when upper(validity) <= ${now} then 'ended' else 'running' end` })
      .where(due)
      .returning('product_id')
      .execute();
    const products: Product[] = [];
    for (const id of new Set(turned.map(({ product_id }) => product_id))) {
      const { product, isChanged } = await reprice(trx, id);
      if (isChanged) products.push(product);
    }
    if (products.length > 0) await announceChanges(trx, products, nowMs);
    return products;
  });
}

/**
 * Sets the regular price of a product and its variants; the price that it has already changes nothing. While a sale
 * runs, the lower of the two is asked. Null: no such product.
 */
export async function changePrice(
  db: Kysely<CatalogTables>,
  { productId, priceMinor, nowMs }: { productId: string; priceMinor: number; nowMs: number },
): Promise<Product | null> {
  return db.transaction().execute(async (trx) => {
    await lockChanges(trx);
    const { numUpdatedRows } = await trx
      .updateTable('products')
      .set({ regular_minor: priceMinor })
      .where('id', '=', productId)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return null;
    const { product, isChanged } = await reprice(trx, productId);
    if (isChanged) await announceChanges(trx, [product], nowMs);
    return product;
  });
}

/** Writes into product and variants what is asked now: the running sale's price with the regular one beside it, or that. */
async function reprice(trx: Transaction<CatalogTables>, id: string): Promise<{ product: Product; isChanged: boolean }> {
  const { product, regular_minor: regularMinor } = await trx
    .selectFrom('products')
    .select(['product', 'regular_minor'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const sale = await trx
    .selectFrom('sales')
    .select('price_minor')
    .where('product_id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  const saleMinor = sale?.price_minor ?? regularMinor;
  const asked =
    saleMinor < regularMinor ? { priceMinor: saleMinor, wasMinor: regularMinor } : { priceMinor: regularMinor };
  if (product.priceMinor === asked.priceMinor && product.wasMinor === asked.wasMinor) {
    return { product, isChanged: false };
  }
  const priced = <Item extends { priceMinor: number; wasMinor?: number | undefined }>(item: Item): Item => {
    const { wasMinor: _before, ...rest } = item;
    return { ...rest, ...asked } as Item;
  };
  const repriced = { ...priced(product), variants: product.variants.map(priced) };
  await sql`update products set product = ${JSON.stringify(repriced)}::jsonb where id = ${id}`.execute(trx);
  await sql`
    update variants set variant = variant - 'wasMinor' || ${JSON.stringify(asked)}::jsonb
    where product_id = ${id}`.execute(trx);
  return { product: repriced, isChanged: true };
}
