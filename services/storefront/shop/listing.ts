import type { z } from 'zod';
import { type ProductSummary, productListSchema } from '#services/catalog/contract';
import { type SearchResult, searchQuerySchema, searchResultSchema } from '#services/search/contract';
import { ask, type Reply } from './ask.ts';

export type Params = Record<string, string | string[] | undefined>;
export type Choice = z.infer<typeof searchQuerySchema>;

export const perPage = 24;

/** What a listing found. `facets` is null where search is away and the catalogue alone had to do. */
export type Listing = { items: ProductSummary[]; total: number; facets: SearchResult['facets'] | null };

/** What the address of a listing asks for; what makes no sense in it is left out. */
export function readChoice(params: Params): Choice {
  const given: Record<string, unknown> = {};
  for (const name of ['q', 'category', 'brand', 'colour', 'sort'] as const) {
    const parsed = searchQuerySchema.shape[name].safeParse(params[name]);
    if (parsed.success && params[name] !== '') given[name] = parsed.data;
  }
  const page = Math.min(400, Math.max(1, Math.trunc(Number(params.page)) || 1));
  const cents = (value: unknown): number | undefined =>
    typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) * 100 : undefined;
  const limits = { minPriceMinor: cents(params.from), maxPriceMinor: cents(params.to) };
  return searchQuerySchema.parse({ ...given, ...limits, limit: perPage, offset: (page - 1) * perPage });
}

/** The address of a listing. */
export function writeChoice(choice: Choice, change: Partial<Choice> & { page?: number } = {}): string {
  const { q, category, brand, colour, sort, minPriceMinor, maxPriceMinor, page = 1 } = { ...choice, ...change };
  const query = new URLSearchParams();
  if (q !== '') query.set('q', q);
  if (category !== undefined) query.set('category', category);
  for (const name of brand ?? []) query.append('brand', name);
  for (const name of colour ?? []) query.append('colour', name);
  if (minPriceMinor !== undefined) query.set('from', String(minPriceMinor / 100));
  if (maxPriceMinor !== undefined) query.set('to', String(maxPriceMinor / 100));
  if (sort !== 'relevance') query.set('sort', sort);
  if (page > 1) query.set('page', String(page));
  return query.size === 0 ? '/shop' : `/shop?${query}`;
}

/** Asks search; while that is away, the catalogue, which knows shelves but no words. */
export async function findProducts(choice: Choice): Promise<Reply<Listing>> {
  const found = await ask('get', `/api/search?${toQuery(choice)}`, searchResultSchema);
  if (found.ok || choice.q !== '') return found;
  const { category, limit, offset } = choice;
  const query = new URLSearchParams({ limit: String(limit), offset: String(offset), ...(category && { category }) });
  const listed = await ask('get', `/api/products?${query}`, productListSchema);
  return listed.ok ? { ok: true, value: { ...listed.value, facets: null } } : listed;
}

function toQuery(choice: Choice): URLSearchParams {
  const pairs = Object.entries(choice).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [name, String(item)]),
  );
  return new URLSearchParams(pairs);
}
