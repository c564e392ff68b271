import { type ColumnType, type Generated, sql } from 'kysely';
import type { Migration } from '#services/kit/database';
import { type OutboxTables, outboxMigration } from '#services/kit/outbox';

export type UsersTables = OutboxTables & {
  users: {
    user_id: string;
    /** In lower case. */
    email: string;
    name: string;
    password_hash: string;
    created_at: ColumnType<Date, Date, never>;
  };
  addresses: {
    address_id: string;
    user_id: string;
    name: string;
    street: string;
    postcode: string;
    city: string;
    country: string;
    created_at: Generated<Date>;
  };
  /** One per sign-in; `secret_hash` is that of the refresh token that is good next. */
  sessions: {
    session_id: string;
    user_id: string;
    secret_hash: string;
    /** The guest's session in which the sign-in took place: carts and statistics go on under it. */
    shop_session_id: string;
    expires_at: Date;
  };
  sign_in_failures: { email_hash: string; failures: number; since: Date };
  signing_keys: {
    kid: string;
    public_jwk: ColumnType<Record<string, unknown>, string, never>;
    sealed: string;
    created_at: Date;
  };
  /** Third parties. One without a secret is public: an app that can keep none. */
  oauth_clients: {
    client_id: string;
    name: string;
    secret_hash: string | null;
    redirect_uris: string[];
    scopes: string[];
  };
  /** Codes, refresh tokens, grants and sessions of the authorisation server, by the hash of what gets them. */
  oauth_records: {
    kind: string;
    id_hash: string;
    payload: ColumnType<Record<string, unknown>, string, string>;
    grant_id: string | null;
    uid: string | null;
    account_id: string | null;
    expires_at: Date | null;
  };
  /** Access tokens that were revoked before their end. */
  oauth_revocations: { key: string; expires_at: Date };
};

const schema = `
  CREATE TABLE users (
    user_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    name text NOT NULL,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL
  );
  CREATE TABLE addresses (
    address_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    street text NOT NULL,
    postcode text NOT NULL,
    city text NOT NULL,
    country text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX addresses_user ON addresses (user_id, created_at);
  CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    secret_hash text NOT NULL,
    shop_session_id text NOT NULL,
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX sessions_user ON sessions (user_id);
  CREATE INDEX sessions_expiry ON sessions (expires_at);
  CREATE TABLE sign_in_failures (
    email_hash text PRIMARY KEY,
    failures integer NOT NULL,
    since timestamptz NOT NULL
  );
  CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    sealed text NOT NULL,
    created_at timestamptz NOT NULL
  );
`;

const oauthSchema = `
  CREATE TABLE oauth_clients (
    client_id text PRIMARY KEY,
    name text NOT NULL,
    secret_hash text,
    redirect_uris text[] NOT NULL DEFAULT '{}',
    scopes text[] NOT NULL
  );
  CREATE TABLE oauth_records (
    kind text NOT NULL,
    id_hash text NOT NULL,
    payload jsonb NOT NULL,
    grant_id text,
    uid text,
    account_id text,
    expires_at timestamptz,
    PRIMARY KEY (kind, id_hash)
  );
  CREATE INDEX oauth_records_grant ON oauth_records (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX oauth_records_uid ON oauth_records (uid) WHERE uid IS NOT NULL;
  CREATE INDEX oauth_records_account ON oauth_records (account_id) WHERE account_id IS NOT NULL;
  CREATE INDEX oauth_records_expiry ON oauth_records (expires_at);
  CREATE TABLE oauth_revocations (key text PRIMARY KEY, expires_at timestamptz NOT NULL);
`;

export const migrations: Record<string, Migration> = {
  '0001_outbox': outboxMigration,
  '0002_users': {
    up: async (db) => {
      await sql.raw(schema).execute(db);
    },
  },
  '0003_oauth': {
    up: async (db) => {
      await sql.raw(oauthSchema).execute(db);
    },
  },
};
