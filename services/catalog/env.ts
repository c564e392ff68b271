import type { z } from 'zod';
import { fields } from '#process/config';
import { cacheFields, databaseFields, readServiceEnv, replicaFields, type ServiceEnv } from '#services/kit/env';

const shape = { ...databaseFields, ...cacheFields, ...replicaFields, CATALOG_REPLICA_URL: fields.url.optional() };

export type CatalogEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): CatalogEnv {
  return readServiceEnv('catalog', shape, source);
}
