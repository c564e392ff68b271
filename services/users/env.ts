import { z } from 'zod';
import { defaultPorts } from '#process/addresses';
import { fields } from '#process/config';
import { databaseFields, readServiceEnv, replicaFields, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  ...replicaFields,
  USERS_REPLICA_URL: fields.url.optional(),
  /** Seals the private signing keys in the database; every instance has the same. */
  USERS_KEY_SECRET: z.string().min(32, 'expected at least 32 characters'),
  /** The shop's API as third parties reach it: it names who made their tokens. */
  OAUTH_ISSUER: fields.url.default(`http://127.0.0.1:${defaultPorts.gateway}`),
  /** A third party that is registered at the start; the secret decides whether it is. */
  OAUTH_CLIENT_ID: z.string().min(1).max(64).default('partner-feed'),
  OAUTH_CLIENT_SECRET: z.string().min(32, 'expected at least 32 characters').optional(),
  /** Where it has users sent back to, apart by spaces; without one it acts in its own name only. */
  OAUTH_CLIENT_REDIRECT_URIS: z
    .string()
    .default('')
    .transform((text) => text.split(/\s+/).filter((uri) => uri !== ''))
    .pipe(z.array(z.url())),
};

export type UsersEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): UsersEnv {
  return readServiceEnv('users', shape, source);
}
