import { z } from 'zod';
import { fields } from '#process/config';
import { databaseFields, flagFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  ...flagFields,
  CATALOG_URL: fields.url,
  INVENTORY_URL: fields.url,
  ORDERS_URL: fields.url,
  REVIEWS_URL: fields.url,
  /** Whoever has it is staff. */
  ADMIN_TOKEN: z.string().regex(/^\S{32,}$/, 'expected at least 32 characters, no spaces'),
};

export type AdminEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): AdminEnv {
  return readServiceEnv('admin', shape, source);
}
