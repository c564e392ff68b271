import type { Kysely } from 'kysely';
import type { AdapterPayload } from 'oidc-provider';
import type { UsersTables } from '../schema.ts';
import { hashSecret } from '../secret.ts';

export type NewClient = {
  clientId: string;
  name: string;
  /** None for an app that can keep none: it acts in users' names only, and proves by PKCE that it asked. */
  secret: string | null;
  /** Where users are sent back to; without one the client acts in its own name only. */
  redirectUris: readonly string[];
  scopes: readonly string[];
};

/** Registers a third party, or changes what is known of it; its secret is kept as a hash. */
export async function registerClient(db: Kysely<UsersTables>, client: NewClient): Promise<void> {
  const row = {
    name: client.name,
    secret_hash: client.secret === null ? null : hashSecret(client.secret),
    redirect_uris: [...client.redirectUris],
    scopes: [...client.scopes],
  };
  await db
    .insertInto('oauth_clients')
    .values({ client_id: client.clientId, ...row })
    .onConflict((conflict) => conflict.column('client_id').doUpdateSet(row))
    .execute();
}

/** A client in the terms of RFC 7591; its `client_secret` is the hash of it. */
export async function findClient(db: Kysely<UsersTables>, clientId: string): Promise<AdapterPayload | undefined> {
  const row = await db.selectFrom('oauth_clients').selectAll().where('client_id', '=', clientId).executeTakeFirst();
  if (row === undefined) return undefined;
  const ofUsers = row.redirect_uris.length > 0;
  return {
    client_id: row.client_id,
    client_name: row.name,
    redirect_uris: row.redirect_uris,
    response_types: ofUsers ? ['code'] : [],
    grant_types: [
      ...(row.secret_hash === null ? [] : ['client_credentials']),
      ...(ofUsers ? ['authorization_code', 'refresh_token'] : []),
    ],
    scope: row.scopes.join(' '),
    token_endpoint_auth_method: row.secret_hash === null ? 'none' : 'client_secret_basic',
    ...(row.secret_hash === null ? {} : { client_secret: row.secret_hash }),
  };
}
