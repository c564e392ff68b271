import { createHash, randomUUID } from 'node:crypto';
import {
  CompactEncrypt,
  type CryptoKey,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import { type Kysely, sql } from 'kysely';
import { tokenClaims } from './contract.ts';
import type { UsersTables } from './schema.ts';

/** A new key signs from then on; the old one is still published for longer than any token that it signed lives. */
const rotateAfterMs = 24 * 3_600_000;
const publishedForMs = 2 * rotateAfterMs;
/** How long an instance uses what it has read, ms: another one's rotation is noticed within it. */
const rereadAfterMs = 60_000;

export type Claims = { userId: string; sessionId: string; issuedAtMs: number; expiresAtMs: number };

export type SigningKeys = {
  /** A JWT (RFC 7519) signed with the newest key; `sid` is the shop's session. */
  sign: (claims: Claims) => Promise<string>;
  /** The public keys with which tokens that are still good were signed. */
  publish: () => Promise<JSONWebKeySet>;
  /** The newest key with its private half, for a library that signs by itself. */
  newest: () => Promise<JWK & { kid: string }>;
};

type Loaded = { kid: string; privateJwk: JWK; key: CryptoKey | Uint8Array; publicKeys: JWK[]; atMs: number };

/** Signing keys in the database, shared by all instances, rotated daily; private halves are sealed (JWE, A256GCM). */
export function createSigningKeys({
  db,
  secret,
  now,
}: {
  db: Kysely<UsersTables>;
  secret: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}): SigningKeys {
  const sealingKey = createHash('sha256').update(secret).digest();
  let loading: Promise<Loaded> | undefined;
  let loadedAtMs = Number.NEGATIVE_INFINITY;
  const current = (): Promise<Loaded> => {
    if (loading === undefined || now() - loadedAtMs >= rereadAfterMs) {
      loadedAtMs = now();
      loading = load(db, sealingKey, now());
      loading.catch(() => {
        loading = undefined;
      });
    }
    return loading;
  };
  return {
    sign: async ({ userId, sessionId, issuedAtMs, expiresAtMs }) => {
      const { kid, key } = await current();
      return new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: tokenClaims.algorithm, kid, typ: 'JWT' })
        .setSubject(userId)
        .setIssuer(tokenClaims.issuer)
        .setAudience(tokenClaims.audience)
        .setJti(randomUUID())
        .setIssuedAt(Math.floor(issuedAtMs / 1_000))
        .setExpirationTime(Math.floor(expiresAtMs / 1_000))
        .sign(key);
    },
    publish: async () => ({ keys: (await current()).publicKeys }),
    newest: async () => {
      const { kid, privateJwk } = await current();
      return { ...privateJwk, kid, alg: tokenClaims.algorithm, use: 'sig' };
    },
  };
}

/** Reads the keys, and makes a new one when the newest has signed for long enough. */
async function load(db: Kysely<UsersTables>, sealingKey: Uint8Array, nowMs: number): Promise<Loaded> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('users.signing_keys', 0))`.execute(trx);
    await trx
      .deleteFrom('signing_keys')
      .where('created_at', '<', new Date(nowMs - publishedForMs))
      .execute();
    const rows = await trx.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').execute();
    const [newest] = rows;
    if (newest !== undefined && nowMs - newest.created_at.getTime() < rotateAfterMs) {
      const { plaintext } = await compactDecrypt(newest.sealed, sealingKey);
      const privateJwk: JWK = JSON.parse(Buffer.from(plaintext).toString());
      const key = await importJWK(privateJwk, tokenClaims.algorithm);
      const publicKeys = rows.map(({ public_jwk: jwk }) => jwk as JWK);
      return { kid: newest.kid, privateJwk, key, publicKeys, atMs: nowMs };
    }
    const made = await makeKey(sealingKey);
    const row = { kid: made.kid, public_jwk: JSON.stringify(made.publicJwk), sealed: made.sealed };
    await trx
      .insertInto('signing_keys')
      .values({ ...row, created_at: new Date(nowMs) })
      .execute();
    const publicKeys = [made.publicJwk, ...rows.map(({ public_jwk: jwk }) => jwk as JWK)];
    const { kid, privateJwk, privateKey: key } = made;
    return { kid, privateJwk, key, publicKeys, atMs: nowMs };
  });
}

type MadeKey = { kid: string; publicJwk: JWK; privateJwk: JWK; privateKey: CryptoKey; sealed: string };

async function makeKey(sealingKey: Uint8Array): Promise<MadeKey> {
  const kid = randomUUID();
  const { publicKey, privateKey } = await generateKeyPair(tokenClaims.algorithm, { extractable: true });
  const privateJwk = await exportJWK(privateKey);
  const sealed = await new CompactEncrypt(Buffer.from(JSON.stringify(privateJwk)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(sealingKey);
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: tokenClaims.algorithm, use: 'sig' };
  return { kid, publicJwk, privateJwk, privateKey, sealed };
}
