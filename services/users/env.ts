import { z } from 'zod';
import { fields } from '#process/config';
import { databaseFields, readServiceEnv, replicaFields, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  ...replicaFields,
  USERS_REPLICA_URL: fields.url.optional(),
  /** Seals the private signing keys in the database; every instance has the same. */
  USERS_KEY_SECRET: z.string().min(32, 'expected at least 32 characters'),
};

export type UsersEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): UsersEnv {
  return readServiceEnv('users', shape, source);
}
