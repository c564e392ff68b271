import { createHash } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Kysely } from 'kysely';
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Logger } from '#process/logger';
import { apiAudience, apiScopes, apiTokens } from '../contract.ts';
import type { UsersTables } from '../schema.ts';
import { sameSecret } from '../secret.ts';
import type { SigningKeys } from '../signing-keys.ts';
import { createAdapter } from './adapter.ts';
import { renderMessage } from './pages.ts';
import { accessTokenSeconds, nameGrant, revoke } from './revocations.ts';

export type OauthDeps = {
  db: Kysely<UsersTables>;
  keys: SigningKeys;
  logger: Logger;
  /** The shop's API as the public reaches it: `http://127.0.0.1:4100`. */
  issuer: string;
  /** Signs the cookies of the sign-in; every instance has the same. */
  cookieSecret: string;
  now: () => number;
};

const dayS = 86_400;
const ttl = {
  AccessToken: accessTokenSeconds,
  ClientCredentials: accessTokenSeconds,
  AuthorizationCode: 60,
  Interaction: 600,
  Session: 3_600,
  RefreshToken: 14 * dayS,
  Grant: 14 * dayS,
  IdToken: 600,
};

/**
 * The authorisation server, with the key of the day: it is made anew when another signs, which costs a few milliseconds
 * a day. All that it remembers is in the database.
 */
export function followProvider(deps: OauthDeps): () => Promise<Provider> {
  let made: { kid: string; provider: Provider } | undefined;
  return async () => {
    const jwk = await deps.keys.newest();
    if (made?.kid !== jwk.kid) made = { kid: jwk.kid, provider: createProvider(deps, jwk) };
    return made.provider;
  };
}

function createProvider(deps: OauthDeps, jwk: Awaited<ReturnType<SigningKeys['newest']>>): Provider {
  const provider = new Provider(deps.issuer, configure(deps, jwk));
  // The gateway's address is the issuer's: what the request says of it is set from that.
  provider.proxy = true;
  provider.Client.prototype.compareClientSecret = async function compare(actual: string) {
    return this.clientSecret !== undefined && sameSecret(this.clientSecret, actual);
  };
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as KoaContextWithOIDC;
    if (oidc?.route === 'revocation') await revokeAccessToken(deps, ctx as KoaContextWithOIDC);
  });
  provider.on('server_error', (_ctx, error) => deps.logger.error({ err: error }, 'the authorisation server failed'));
  return provider;
}

/**
 * The library has nothing to delete for a token that it has signed and forgotten, and refuses; the client has shown who it
 * is by then. RFC 7009: what is no token, or another client's, is answered alike, and nothing is done.
 */
async function revokeAccessToken({ db, keys, issuer, now }: OauthDeps, ctx: KoaContextWithOIDC): Promise<void> {
  const { client, params } = ctx.oidc;
  const token = params?.token;
  if (client === undefined || typeof token !== 'string' || ctx.status !== 400) return;
  const jwks = createLocalJWKSet(await keys.publish());
  const options = { issuer, audience: apiAudience(issuer), typ: apiTokens.type, currentDate: new Date(now()) };
  const claims = await jwtVerify(token, jwks, options).then(
    ({ payload }) => payload,
    () => null,
  );
  if (claims !== null && claims.client_id === client.clientId) await revoke(db, `token:${claims.jti}`, now());
  ctx.status = 200;
  ctx.body = '';
}

function configure(deps: OauthDeps, jwk: Awaited<ReturnType<SigningKeys['newest']>>): Configuration {
  const { db, issuer, cookieSecret } = deps;
  return {
    ttl,
    adapter: (kind: string) => createAdapter(deps, kind),
    jwks: { keys: [jwk as never] },
    scopes: Object.keys(apiScopes),
    claims: {},
    responseTypes: ['code'],
    clientDefaults: { id_token_signed_response_alg: apiTokens.algorithm },
    clientAuthMethods: ['client_secret_basic', 'none'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    cookies: { keys: [createHash('sha256').update(`oauth cookies ${cookieSecret}`).digest('hex')] },
    clientBasedCORS: () => false,
    conformIdTokenClaims: true,
    findAccount: async (_ctx, sub) => {
      const row = await db.selectFrom('users').select('user_id').where('user_id', '=', sub).executeTakeFirst();
      return row === undefined ? undefined : { accountId: sub, claims: async () => ({ sub }) };
    },
    extraTokenClaims: async (_ctx, token) =>
      token.kind === 'AccessToken' && token.grantId !== undefined ? { grant: nameGrant(token.grantId) } : undefined,
    interactions: { url: (_ctx, { uid }) => `/oauth/interaction/${uid}` },
    renderError: async (ctx, { error_description: why = '' }) => {
      ctx.type = 'html';
      ctx.body = renderMessage('This does not work', `The application asked for something that cannot be: ${why}.`);
    },
    routes: {
      authorization: '/oauth/authorize',
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      jwks: '/oauth/jwks',
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => apiAudience(issuer),
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => describeApi(issuer, resource, ctx.oidc.params?.grant_type),
      },
    },
  };
}

/** In its own name a client reads the catalogue: carts and orders are somebody's, who has to say yes. */
function describeApi(issuer: string, resource: string, grantType: unknown) {
  if (resource !== apiAudience(issuer)) throw new errors.InvalidTarget();
  const ownName: readonly string[] = ['catalog:read'];
  return {
    scope: (grantType === 'client_credentials' ? ownName : Object.keys(apiScopes)).join(' '),
    audience: resource,
    accessTokenTTL: accessTokenSeconds,
    accessTokenFormat: 'jwt' as const,
    jwt: { sign: { alg: apiTokens.algorithm } },
  };
}
