import type { z } from 'zod';
import { fields } from '#process/config';
import { databaseFields, flagFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = { ...databaseFields, ...flagFields, CATALOG_URL: fields.url };

export type SearchEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): SearchEnv {
  return readServiceEnv('search', shape, source);
}
