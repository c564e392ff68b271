import { z } from 'zod';
import { fields } from '#process/config';
import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  CART_URL: fields.url,
  INVENTORY_URL: fields.url,
  PAYMENTS_URL: fields.url,
  /** A customer has an answer after so long, one way or the other. The gateway waits a little longer. */
  ORDERS_CHECKOUT_MS: z.coerce.number().int().min(100).max(60_000).default(4_300),
  /** How long a checkout belongs to the request that began it; then the recovery takes it over. */
  ORDERS_LEASE_MS: z.coerce.number().int().min(100).max(600_000).default(8_000),
  /** A customer has so long to answer the question of their bank; less than inventory holds their pieces. */
  ORDERS_CHALLENGE_MS: z.coerce.number().int().min(100).max(600_000).default(120_000),
  /** What is to be undone is tried so often, about 20 minutes by default; then a person is called. */
  ORDERS_LAST_ATTEMPT: z.coerce.number().int().min(1).max(10_000).default(40),
};

export type OrdersEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source?: Record<string, string | undefined>): OrdersEnv {
  return readServiceEnv('orders', shape, source);
}
