import { type Kysely, sql } from 'kysely';
import type { PaymentsDatabase } from '../schema.ts';

type ReportedCharge = {
  key: string;
  state: 'challenged' | 'held' | 'captured' | 'voided' | 'declined';
  amountMinor: number;
  refundedMinor: number;
};

/** Of what was changed in a time (`until` itself left out), or of certain keys. */
type ReportQuery = { since: Date; until: Date } | { keys: readonly string[] };

/** What the acquirer has in its books: the settlement report. */
export async function reportCharges(db: Kysely<PaymentsDatabase>, query: ReportQuery): Promise<ReportedCharge[]> {
  const which =
    'keys' in query
      ? sql`c.key = ANY(${query.keys})`
      : sql`c.changed_at >= ${query.since} AND c.changed_at < ${query.until}`;
  const { rows } = await sql<ReportedCharge>`
    SELECT c.key, c.amount_minor AS "amountMinor",
      (SELECT coalesce(sum(r.amount_minor), 0)::int FROM acquirer.refunds r WHERE r.key = c.key) AS "refundedMinor",
      CASE WHEN c.outcome = 'declined' THEN 'declined' WHEN c.outcome = 'voided' OR c.voided_at IS NOT NULL THEN 'voided'
        WHEN c.outcome = 'challenge' THEN 'challenged'
        WHEN c.captured_at IS NOT NULL THEN 'captured' ELSE 'held' END AS state
    FROM acquirer.charges c WHERE ${which} ORDER BY c.key`.execute(db);
  return rows;
}
