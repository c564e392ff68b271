import { randomBytes, randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { DomainError } from '#services/kit/problem';
import type { Credentials, Tokens } from './contract.ts';
import { checkPassword } from './password.ts';
import type { UsersTables } from './schema.ts';
import { hashSecret, sameSecret } from './secret.ts';
import type { SigningKeys } from './signing-keys.ts';
import { hashEmail } from './store.ts';

type Db = Kysely<UsersTables>;
export type SignInDeps = { db: Db; keys: SigningKeys; now: () => number };

const accessMs = 10 * 60_000;
const refreshMs = 14 * 24 * 3_600_000;

/** So many wrong passwords for one address within the window, and no more are tried until it is over. */
const maxFailures = 10;
const failureWindowMs = 15 * 60_000;

/**
 * Tokens for a person who knows the password.
 * @param shopSessionId the guest's session that goes on under the account
 * @throws DomainError 401 `credentials_wrong`; 429 `too_many_attempts` with `retryAfterSeconds`
 */
export async function signIn(deps: SignInDeps, credentials: Credentials, shopSessionId: string): Promise<Tokens> {
  return beginSession(deps, await identify(deps, credentials), shopSessionId);
}

/**
 * The id of the person who knows the password.
 * @throws DomainError 401 `credentials_wrong`; 429 `too_many_attempts` with `retryAfterSeconds`
 */
export async function identify({ db, now }: Pick<SignInDeps, 'db' | 'now'>, credentials: Credentials): Promise<string> {
  const email = credentials.email.toLowerCase();
  await refuseGuessing(db, email, now());
  const user = await db
    .selectFrom('users')
    .select(['user_id', 'password_hash'])
    .where('email', '=', email)
    .executeTakeFirst();
  const right = await checkPassword(credentials.password, user?.password_hash);
  if (user === undefined || !right) {
    await countFailure(db, email, now());
    throw new DomainError('credentials_wrong', 401, 'E-mail address and password do not belong together.');
  }
  await db.deleteFrom('sign_in_failures').where('email_hash', '=', hashEmail(email)).execute();
  return user.user_id;
}

/** Tokens of a new session, for somebody who is known to be the user. */
export async function beginSession(deps: SignInDeps, userId: string, shopSessionId: string): Promise<Tokens> {
  const secret = newSecret();
  const sessionId = randomUUID();
  const expiresAtMs = deps.now() + refreshMs;
  await deps.db
    .insertInto('sessions')
    .values({
      session_id: sessionId,
      user_id: userId,
      secret_hash: hashSecret(secret),
      shop_session_id: shopSessionId,
      expires_at: new Date(expiresAtMs),
    })
    .execute();
  return issue(deps, { userId, sessionId, shopSessionId, secret, refreshExpiresAtMs: expiresAtMs });
}

/**
 * The next tokens of a session. A refresh token is good once: one that comes back was stolen, or its thief was first, and
 * ends the session (RFC 9700, section 4.14.2).
 * @throws DomainError 401 `refresh_token_invalid`
 */
export async function refresh(deps: SignInDeps, refreshToken: string): Promise<Tokens> {
  const { db, now } = deps;
  const { sessionId, secret } = parseRefreshToken(refreshToken);
  const next = newSecret();
  const session = await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('sessions')
      .selectAll()
      .where('session_id', '=', sessionId)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || row.expires_at.getTime() <= now()) return undefined;
    if (!sameSecret(row.secret_hash, secret)) {
      await trx.deleteFrom('sessions').where('session_id', '=', sessionId).execute();
      return undefined;
    }
    await trx
      .updateTable('sessions')
      .set({ secret_hash: hashSecret(next) })
      .where('session_id', '=', sessionId)
      .execute();
    return row;
  });
  if (session === undefined) throw invalidRefreshToken();
  return issue(deps, {
    userId: session.user_id,
    sessionId,
    shopSessionId: session.shop_session_id,
    secret: next,
    refreshExpiresAtMs: session.expires_at.getTime(),
  });
}

/** Ends a session; one that is over stays over. */
export async function signOut({ db }: Pick<SignInDeps, 'db'>, refreshToken: string): Promise<void> {
  const { sessionId, secret } = parseRefreshToken(refreshToken);
  await db
    .deleteFrom('sessions')
    .where('session_id', '=', sessionId)
    .where('secret_hash', '=', hashSecret(secret))
    .execute();
}

type Issue = { userId: string; sessionId: string; shopSessionId: string; secret: string; refreshExpiresAtMs: number };

async function issue({ keys, now }: SignInDeps, session: Issue): Promise<Tokens> {
  const issuedAtMs = now();
  const expiresAtMs = issuedAtMs + accessMs;
  const { userId, shopSessionId } = session;
  return {
    userId,
    accessToken: await keys.sign({ userId, sessionId: shopSessionId, issuedAtMs, expiresAtMs }),
    accessExpiresAt: new Date(expiresAtMs).toISOString(),
    refreshToken: `${session.sessionId}.${session.secret}`,
    refreshExpiresAt: new Date(session.refreshExpiresAtMs).toISOString(),
  };
}

async function refuseGuessing(db: Db, email: string, nowMs: number): Promise<void> {
  const row = await db
    .selectFrom('sign_in_failures')
    .select(['failures', 'since'])
    .where('email_hash', '=', hashEmail(email))
    .executeTakeFirst();
  const leftMs = row === undefined ? 0 : row.since.getTime() + failureWindowMs - nowMs;
  if (row === undefined || leftMs <= 0 || row.failures < maxFailures) return;
  const retryAfterSeconds = Math.ceil(leftMs / 1_000);
  throw new DomainError('too_many_attempts', 429, 'Too many wrong passwords for this address.', { retryAfterSeconds });
}

async function countFailure(db: Db, email: string, nowMs: number): Promise<void> {
  const windowStart = new Date(nowMs - failureWindowMs);
  await sql`
    insert into sign_in_failures (email_hash, failures, since) values (${hashEmail(email)}, 1, ${new Date(nowMs)})
    on conflict (email_hash) do update set
      failures = case when sign_in_failures.since <= ${windowStart} then 1 else sign_in_failures.failures + 1 end,
      since = case when sign_in_failures.since <= ${windowStart} then excluded.since else sign_in_failures.since end
  `.execute(db);
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function parseRefreshToken(token: string): { sessionId: string; secret: string } {
  const [, sessionId, secret] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(token) ?? [];
  if (sessionId === undefined || secret === undefined) throw invalidRefreshToken();
  return { sessionId, secret };
}

function invalidRefreshToken(): DomainError {
  return new DomainError('refresh_token_invalid', 401, 'Sign in again.');
}
