import { z } from 'zod';
import { fields } from '#process/config';
import { readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  USERS_URL: fields.url,
  CATALOG_URL: fields.url,
  CART_URL: fields.url,
  ORDERS_URL: fields.url,
  INVENTORY_URL: fields.url,
  SEARCH_URL: fields.url,
  REVIEWS_URL: fields.url,
  RECOMMENDATIONS_URL: fields.url,
  SESSION_SECRET: z.string().min(32, 'expected at least 32 characters'),
};

export type GatewayEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): GatewayEnv {
  return readServiceEnv('gateway', shape, source);
}
