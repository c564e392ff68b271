import { type Stock, stockSchema } from '#services/inventory/contract';
import { ask } from './ask.ts';

/** What is left by SKU; without those that nobody could say it of. */
export async function readStock(skus: readonly string[]): Promise<Record<string, Omit<Stock, 'sku'>>> {
  const replies = await Promise.all(
    skus.map((sku) => ask('get', `/api/stock/${encodeURIComponent(sku)}`, stockSchema)),
  );
  const known = replies.flatMap((reply) => (reply.ok ? [reply.value] : []));
  return Object.fromEntries(known.map(({ sku, available, status }) => [sku, { available, status }]));
}
