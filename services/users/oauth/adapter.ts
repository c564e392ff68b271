import { type Kysely, sql } from 'kysely';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { UsersTables } from '../schema.ts';
import { hashSecret } from '../secret.ts';
import { findClient } from './clients.ts';
import { grantKey, revoke } from './revocations.ts';

type AdapterDeps = { db: Kysely<UsersTables>; now: () => number };

/**
 * Where the library keeps what it has to remember: codes, refresh tokens, grants, interactions, sessions. What gets one of
 * them (a code, a token, a cookie) is its id, which is kept as a hash only: who reads the table can use nothing of it.
 */
export function createAdapter(deps: AdapterDeps, kind: string): Adapter {
  const { db, now } = deps;
  const at = (id: string): { kind: string; id_hash: string } => ({ kind, id_hash: hashSecret(id) });
  return {
    upsert: async (id, { jti: _id, ...payload }, expiresInSeconds) => {
      const row = {
        payload: JSON.stringify(payload),
        grant_id: payload.grantId === undefined ? null : hashSecret(payload.grantId),
        uid: payload.uid ?? null,
        account_id: payload.accountId ?? null,
        expires_at: expiresInSeconds ? new Date(now() + expiresInSeconds * 1_000) : null,
      };
      await db
        .insertInto('oauth_records')
        .values({ ...at(id), ...row })
        .onConflict((conflict) => conflict.columns(['kind', 'id_hash']).doUpdateSet(row))
        .execute();
    },
    find: async (id) => {
      if (kind === 'Client') return findClient(db, id);
      const row = await select(db, kind).where('id_hash', '=', hashSecret(id)).executeTakeFirst();
      return row === undefined ? undefined : ({ ...row.payload, jti: id } as AdapterPayload);
    },
    // Only a session is looked for so, which the library then asks for by its own id.
    findByUid: async (uid) => {
      const row = await select(db, kind).where('uid', '=', uid).executeTakeFirst();
      return row === undefined ? undefined : (row.payload as AdapterPayload);
    },
    findByUserCode: async () => undefined,
    consume: (id) => consume(deps, kind, id),
    destroy: async (id) => {
      await db.deleteFrom('oauth_records').where('kind', '=', kind).where('id_hash', '=', hashSecret(id)).execute();
    },
    // Access tokens of the grant are in nobody's table: the gateway is told that they are good no more.
    revokeByGrantId: async (grantId) => {
      await db.deleteFrom('oauth_records').where('grant_id', '=', hashSecret(grantId)).execute();
      await revoke(db, grantKey(grantId), now());
    },
  };
}

function select(db: Kysely<UsersTables>, kind: string) {
  return db.selectFrom('oauth_records').select('payload').where('kind', '=', kind);
}

/** Of two that come with the same code or refresh token at once, one alone gets anything for it. */
async function consume({ db, now }: AdapterDeps, kind: string, id: string): Promise<void> {
  const consumed = JSON.stringify({ consumed: Math.floor(now() / 1_000) });
  const row = await db
    .updateTable('oauth_records')
    .set((eb) => ({ payload: sql<string>`${eb.ref('payload')} || ${consumed}::jsonb` }))
    .where('kind', '=', kind)
    .where('id_hash', '=', hashSecret(id))
    .where(sql<boolean>`not (payload ? 'consumed')`)
    .returning('kind')
    .executeTakeFirst();
  if (row === undefined) throw new errors.InvalidGrant('used already');
}
