import { z } from 'zod';
import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  /** Seals the private signing keys in the database; every instance has the same. */
  USERS_KEY_SECRET: z.string().min(32, 'expected at least 32 characters'),
};

export type UsersEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): UsersEnv {
  return readServiceEnv('users', shape, source);
}
