import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { ProductSummary } from '#services/catalog/contract';
import type { SearchQuery, SearchResult } from './contract.ts';
import type { SearchTables } from './schema.ts';
import { readWords } from './words.ts';

/** How alike a typed word and a part of a product's words have to be (word_similarity of pg_trgm, 0 to 1). */
const likeEnough = 0.45;

type Facet = 'category' | 'brand' | 'colour';
type Row = {
  total: number;
  items: ProductSummary[];
  category: { value: string; count: number }[];
  brand: { value: string; count: number }[];
  colour: { value: string; count: number }[];
};

/**
 * Products in which every word of the query is found: as it is (stemmed), else misspelt. What is found as it is ranks
 * above what is only alike; name before category and brand, before colour, before description.
 * @param forgiving false: nothing misspelt is found, which costs less
 */
export async function findProducts(
  db: Kysely<SearchTables>,
  query: SearchQuery,
  forgiving = true,
): Promise<SearchResult> {
  const { rows } = await sql<Row>`
    with word as materialized (
      select text, plainto_tsquery('english', text) as query
      from unnest(${readWords(query.q)}::text[]) as text
      where numnode(plainto_tsquery('english', text)) > 0
    ),
    matched as materialized (
      select documents.*, coalesce(hit.score, 0) as score
      from documents left join lateral (
        select sum(case when alike.score >= ${likeEnough} then alike.score end) as score,
               bool_and(alike.score >= ${likeEnough}) as all_found
        from word, lateral (
          select case when lexemes @@ word.query then 1 + ts_rank(lexemes, word.query)
                      else ${forgiving ? sql`word_similarity(word.text, words)` : sql`0`} end as score
        ) as alike
      ) as hit on true
      where ${sayable(query)} and coalesce(hit.all_found, true) and ${priceBetween(query)}
    ),
    chosen as (select * from matched where ${choice(query, null)})
    select
      (select count(*)::int from chosen) as total,
      coalesce((select jsonb_agg(summary order by place) from (
        select product - 'variants' - 'sizes' - 'description' as summary, row_number() over (order by ${order(query)}) as place
        from chosen order by place limit ${query.limit} offset ${query.offset}) as page), '[]') as items,
      ${facet(sql`category`, sql`matched where ${choice(query, 'category')}`)} as category,
      ${facet(sql`brand`, sql`matched where ${choice(query, 'brand')}`)} as brand,
      ${facet(sql`colour`, sql`matched, unnest(colours) as colour where ${choice(query, 'colour')}`)} as colour
  `.execute(db);
  const { total = 0, items = [], category = [], brand = [], colour = [] } = rows[0] ?? {};
  return { items, total, facets: { category, brand, colour } };
}

/** What has no word in it finds nothing; no query at all finds everything. */
function sayable({ q }: SearchQuery): RawBuilder<unknown> {
  return q === '' || readWords(q).length > 0 ? sql`true` : sql`false`;
}

function priceBetween({ minPriceMinor, maxPriceMinor }: SearchQuery): RawBuilder<unknown> {
  return sql`price_minor between ${minPriceMinor ?? 0} and ${maxPriceMinor ?? 2_147_483_647}`;
}

/** What is chosen in the facets, but for one of them. */
function choice({ category, brand, colour }: SearchQuery, but: Facet | null): RawBuilder<unknown> {
  const conditions = [sql`true`];
  if (category !== undefined && but !== 'category') conditions.push(sql`category = ${category}`);
  if (brand !== undefined && but !== 'brand') conditions.push(sql`brand = any(${brand}::text[])`);
  if (colour !== undefined && but !== 'colour') conditions.push(sql`colours && ${colour}::text[]`);
  return sql.join(conditions, sql` and `);
}

function order({ sort }: SearchQuery): RawBuilder<unknown> {
  if (sort === 'price') return sql`price_minor, id`;
  return sort === '-price' ? sql`price_minor desc, id` : sql`score desc, id`;
}

function facet(value: RawBuilder<unknown>, from: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`coalesce((select jsonb_agg(jsonb_build_object('value', value, 'count', count) order by count desc, value)
    from (select ${value} as value, count(*)::int as count from ${from} group by 1) as counted), '[]')`;
}
