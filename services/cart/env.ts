import { fields } from '#process/config';
import { type DatabaseEnv, databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

export type CartEnv = ServiceEnv & DatabaseEnv & { CATALOG_URL: string };

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): CartEnv {
  return readServiceEnv('cart', { ...databaseFields, CATALOG_URL: fields.url }, source);
}
