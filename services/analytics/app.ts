import { type Kysely, sql } from 'kysely';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { type Minute, minutesSchema, type RangeQuery, rangeSchema, type Summary, summarySchema } from './contract.ts';
import type { AnalyticsTables } from './schema.ts';

export type AnalyticsOptions = { db: Kysely<AnalyticsTables>; now: () => number };

type Range = { from: Date; to: Date };

const hourMs = 3_600_000;
const longestMs = 28 * 24 * hourMs;

/** Adds the routes of analytics. */
export function addRoutes(app: Server, { db, now }: AnalyticsOptions): void {
  const tags = ['analytics'];
  const summary = { querystring: rangeSchema, response: { 200: summarySchema, 400: problemSchema } };
  app.get('/summary', { schema: { summary: 'Funnel, conversion and revenue', tags, ...summary } }, async (request) =>
    readSummary(db, readRange(request.query, now())),
  );
  const minutes = { querystring: rangeSchema, response: { 200: minutesSchema, 400: problemSchema } };
  app.get('/minutes', { schema: { summary: 'Counts and revenue by minute', tags, ...minutes } }, async (request) => ({
    items: await readMinutes(db, readRange(request.query, now())),
  }));
}

/** @throws DomainError 400 `bad_range` */
function readRange({ from, to }: RangeQuery, nowMs: number): Range {
  const end = to ?? new Date(nowMs);
  const begin = from ?? new Date(end.getTime() - hourMs);
  const length = end.getTime() - begin.getTime();
  if (length > 0 && length <= longestMs) return { from: begin, to: end };
  throw new DomainError('bad_range', 400, 'Expected `from` before `to`, and not more than 28 days between them.');
}

async function readSummary(db: Kysely<AnalyticsTables>, { from, to }: Range): Promise<Summary> {
  const steps = await sql<{ seen: number; viewed: number; carts: number; checkouts: number; paid: number }>`
    select count(*)::int as seen,
      count(*) filter (where furthest >= 1)::int as viewed,
      count(*) filter (where furthest >= 2)::int as carts,
      count(*) filter (where furthest >= 3)::int as checkouts,
      count(*) filter (where furthest >= 4)::int as paid
    from sessions where first_at >= ${from} and first_at < ${to}`.execute(db);
  const sums = await sql<{ orders: number; revenue: string; refunds: string }>`
    select coalesce(sum(confirmed), 0)::int as orders, coalesce(sum(revenue_minor), 0) as revenue,
      coalesce(sum(refunded_minor), 0) as refunds
    from minutes where minute >= ${from} and minute < ${to}`.execute(db);
  const revenueMinor = Number(sums.rows[0]?.revenue ?? 0);
  const refundedMinor = Number(sums.rows[0]?.refunds ?? 0);
  const funnel = steps.rows[0] ?? { seen: 0, viewed: 0, carts: 0, checkouts: 0, paid: 0 };
  return {
    ...{ from: from.toISOString(), to: to.toISOString(), funnel },
    conversion: funnel.viewed === 0 ? null : funnel.paid / funnel.viewed,
    abandonment: funnel.carts === 0 ? null : 1 - funnel.paid / funnel.carts,
    orders: sums.rows[0]?.orders ?? 0,
    ...{ revenueMinor, refundedMinor, netMinor: revenueMinor - refundedMinor },
    currency: 'EUR',
  };
}

async function readMinutes(db: Kysely<AnalyticsTables>, { from, to }: Range): Promise<Minute[]> {
  const rows = await db
    .selectFrom('minutes')
    .selectAll()
    .where('minute', '>=', from)
    .where('minute', '<', to)
    .orderBy('minute')
    .execute();
  return rows.map(({ minute, revenue_minor: revenue, refunded_minor: refunds, ...counts }) => ({
    minute: minute.toISOString(),
    ...counts,
    revenueMinor: Number(revenue),
    refundedMinor: Number(refunds),
  }));
}
