import { z } from 'zod';
import { fields } from '#process/config';
import { readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  GATEWAY_URL: fields.url,
  STOREFRONT_URL: fields.url,
  /** What staff look at. */
  ANALYTICS_URL: fields.url,
  NOTIFICATIONS_URL: fields.url,
  ADMIN_URL: fields.url,
  ADMIN_TOKEN: z.string(),
  /** The third party that reads the catalogue, as users knows it; without a secret none does. */
  PARTNER_CLIENT_ID: z.string().min(1).max(64).default('partner-feed'),
  PARTNER_CLIENT_SECRET: z.string().min(32, 'expected at least 32 characters').optional(),
  /** True where only what is needed to buy is there. */
  SHOPPERS_CORE: fields.flag,
  /** Requests per second at the gateway, on average. */
  SHOPPERS_RATE: z.coerce.number().min(0).max(500).default(20),
  /** The same seed makes the same shoppers. */
  SHOPPERS_SEED: z.coerce.number().int().min(0).default(20_261_123),
};

export type ShoppersEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source?: Record<string, string | undefined>): ShoppersEnv {
  return readServiceEnv('shoppers', shape, source);
}
