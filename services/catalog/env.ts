import { cacheFields, type DatabaseEnv, databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

export type CatalogEnv = ServiceEnv & DatabaseEnv & { REDIS_URL?: string | undefined };

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): CatalogEnv {
  return readServiceEnv('catalog', { ...databaseFields, ...cacheFields }, source);
}
