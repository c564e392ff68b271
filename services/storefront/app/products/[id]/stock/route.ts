import { skuSchema } from '#services/inventory/contract';
import { readStock } from '../../../../shop/stock.ts';

/** More sizes than this has nothing. */
const most = 12;

/** What is left of the SKUs that are named, as JSON: a product's page asks when another colour is chosen. */
export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const skus = searchParams.getAll('sku').filter((sku) => skuSchema.safeParse(sku).success);
  return Response.json(await readStock(skus.slice(0, most)), { headers: { 'cache-control': 'no-store' } });
}
