import type { Kysely } from 'kysely';
import type { Answer } from '#services/kit/fetch';
import type { AuditEntry } from './contract.ts';
import type { AdminTables } from './schema.ts';

export type Deed = { actor: string; action: string; target: string; details: Record<string, unknown> };

/**
 * Does something in somebody's name: written down before it is done, and how it came out afterwards. What was begun and
 * has no outcome may have taken effect.
 * @throws what `act` throws
 */
export async function audited(
  { db, now }: { db: Kysely<AdminTables>; now: () => number },
  { actor, action, target, details }: Deed,
  act: () => Promise<Answer>,
): Promise<Answer> {
  const { entry_id: entryId } = await db
    .insertInto('audit')
    .values({ at: new Date(now()), actor, action, target, details: JSON.stringify(details), outcome: 'begun' })
    .returning('entry_id')
    .executeTakeFirstOrThrow();
  const note = (outcome: AuditEntry['outcome']): Promise<unknown> =>
    db.updateTable('audit').set({ outcome }).where('entry_id', '=', entryId).execute();
  try {
    const answer = await act();
    await note(answer.status < 400 ? 'done' : answer.status < 500 ? 'refused' : 'failed');
    return answer;
  } catch (error) {
    await note('failed');
    throw error;
  }
}

/** The newest entries first, of one target or all. */
export async function readAudit(
  db: Kysely<AdminTables>,
  { target, limit }: { target?: string | undefined; limit: number },
): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').selectAll();
  if (target !== undefined) query = query.where('target', '=', target);
  const rows = await query.orderBy('entry_id', 'desc').limit(limit).execute();
  return rows.map(({ entry_id: entryId, at, ...row }) => ({ entryId: String(entryId), at: at.toISOString(), ...row }));
}
