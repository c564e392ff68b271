import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Logger } from '#process/logger';
import { type Caller, readCaller } from '#services/kit/caller';
import type { Flags } from '#services/kit/flags/flags';
import { appendEvent } from '#services/kit/outbox';
import { problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { events, type SearchQuery, searchQuerySchema, searchResultSchema } from './contract.ts';
import { findProducts } from './find.ts';
import type { SearchTables } from './schema.ts';
import { readWords } from './words.ts';

export type SearchOptions = { db: Kysely<SearchTables>; flags: Flags; now: () => number; logger: Logger };

/** Adds the routes of search. */
export function addRoutes(app: Server, options: SearchOptions): void {
  const schema = { querystring: searchQuerySchema, response: { 200: searchResultSchema, 400: problemSchema } };
  app.get(
    '/search',
    { schema: { summary: 'Products that have every word of a query, with facets', tags: ['search'], ...schema } },
    async (request) => {
      const caller = readCaller(request.headers);
      const forgiving = await options.flags.isOn('search-typo-tolerance', true, caller);
      const result = await findProducts(options.db, request.query, forgiving);
      // The customer gets the list even when the search cannot be counted.
      await noteSearch(options, { query: request.query, total: result.total, caller }).catch((error: unknown) =>
        options.logger.warn({ err: error }, 'search not counted'),
      );
      return result;
    },
  );
}

/** People type anything, their own addresses included: the event tells searches apart, not what was typed. */
async function noteSearch(
  { db, now }: SearchOptions,
  { query, total, caller }: { query: SearchQuery; total: number; caller: Caller },
): Promise<void> {
  if (query.offset > 0) return;
  const words = readWords(query.q);
  const queryHash = createHash('sha256').update(words.join(' ')).digest('hex').slice(0, 16);
  const data = { queryHash, words: words.length, total, category: query.category ?? null, ...caller };
  await appendEvent(db, events, { type: 'search.performed', subject: queryHash, timeMs: now(), data });
}
