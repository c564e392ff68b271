import { fields } from '#process/config';
import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

export type CartEnv = ServiceEnv & { DATABASE_URL: string; BUS_URL: string; CATALOG_URL: string };

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): CartEnv {
  return readServiceEnv('cart', { ...databaseFields, CATALOG_URL: fields.url }, source);
}
