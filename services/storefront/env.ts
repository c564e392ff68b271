import { z } from 'zod';
import { fields } from '#process/config';
import { readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  GATEWAY_URL: fields.url,
  /** Where customers find the shop, when a proxy stands before it. */
  STOREFRONT_PUBLIC_URL: fields.url.optional(),
  /** Where pages report to, and the key that says whose reports they are; without both they report to nobody. */
  FARO_URL: fields.url.optional(),
  FARO_KEY: z.string().min(16).optional(),
};

export type StorefrontEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): StorefrontEnv {
  return readServiceEnv('storefront', shape, source);
}
