import type { Kysely } from 'kysely';
import type { UsersTables } from '../schema.ts';
import { hashSecret } from '../secret.ts';

/** How long a third party's access token is good, in seconds. */
export const accessTokenSeconds = 600;

/** Kept for a little longer than any token that it concerns, whose end is not taken to the second. */
const keptForMs = (accessTokenSeconds + 60) * 1_000;

/** What the access tokens of a grant say of it: not its id, with which the library would find it. */
export function nameGrant(grantId: string): string {
  return hashSecret(grantId).slice(0, 32);
}

/** All access tokens of a grant. */
export function grantKey(grantId: string): string {
  return `grant:${nameGrant(grantId)}`;
}

/** Makes access tokens that are good by their signature good no more. */
export async function revoke(db: Kysely<UsersTables>, key: string, nowMs: number): Promise<void> {
  await db
    .insertInto('oauth_revocations')
    .values({ key, expires_at: new Date(nowMs + keptForMs) })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ expires_at: new Date(nowMs + keptForMs) }))
    .execute();
}

/** Everything that was revoked and would be good otherwise. */
export async function listRevoked(db: Kysely<UsersTables>, nowMs: number): Promise<string[]> {
  const rows = await db
    .selectFrom('oauth_revocations')
    .select('key')
    .where('expires_at', '>', new Date(nowMs))
    .orderBy('key')
    .execute();
  return rows.map(({ key }) => key);
}

/** Takes what a third party may do in somebody's name from it; called when the account is deleted. */
export async function revokeAccount(db: Kysely<UsersTables>, userId: string, nowMs: number): Promise<void> {
  await db.deleteFrom('oauth_records').where('account_id', '=', userId).execute();
  await revoke(db, `user:${userId}`, nowMs);
}

/** Forgets what has ended. */
export async function sweepOauth(db: Kysely<UsersTables>, nowMs: number): Promise<void> {
  await db.deleteFrom('oauth_records').where('expires_at', '<=', new Date(nowMs)).execute();
  await db.deleteFrom('oauth_revocations').where('expires_at', '<=', new Date(nowMs)).execute();
}
