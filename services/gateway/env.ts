import { z } from 'zod';
import { defaultPorts } from '#process/addresses';
import { fields } from '#process/config';
import { cacheFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';
import { type ServiceName, topology } from '#services/topology';
import type { RateLimits } from './rate-limits.ts';
import { type Version, versionsField } from './versions.ts';

/** Requests a minute. */
const perMinute = z.coerce.number().int().min(1).max(10_000_000);

/** Services that the gateway calls, by the one table of the shop. */
const peerNames = topology.gateway.calls;

const versionsVariable = (peer: ServiceName): string => `${peer.toUpperCase()}_VERSIONS`;
const versionShape = Object.fromEntries(peerNames.map((peer) => [versionsVariable(peer), versionsField]));

const shape = {
  USERS_URL: fields.url,
  CATALOG_URL: fields.url,
  CART_URL: fields.url,
  ORDERS_URL: fields.url,
  INVENTORY_URL: fields.url,
  SEARCH_URL: fields.url,
  REVIEWS_URL: fields.url,
  RECOMMENDATIONS_URL: fields.url,
  NOTIFICATIONS_URL: fields.url,
  ...cacheFields,
  GATEWAY_CLIENT_RATE: perMinute.default(1_200),
  GATEWAY_CHECKOUT_RATE: perMinute.default(60),
  GATEWAY_ADDRESS_RATE: perMinute.default(60_000),
  /** The shop's API as third parties reach it: it names who made their tokens; users has the same. */
  OAUTH_ISSUER: fields.url.default(`http://127.0.0.1:${defaultPorts.gateway}`),
  SESSION_SECRET: z.string().min(32, 'expected at least 32 characters'),
};

export type GatewayEnv = ServiceEnv &
  z.infer<z.ZodObject<typeof shape>> & { versions: Partial<Record<ServiceName, readonly Version[]>> };

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): GatewayEnv {
  const env: ServiceEnv & z.infer<z.ZodObject<typeof shape>> & Record<string, unknown> = readServiceEnv(
    'gateway',
    { ...shape, ...versionShape },
    source,
  );
  const versions = peerNames.map((peer) => [peer, env[versionsVariable(peer)] as Version[]]);
  return { ...env, versions: Object.fromEntries(versions) };
}

/** One number for a client, with a smaller one for what costs money; an address may stand for a whole company. */
export function toRateLimits(env: GatewayEnv): RateLimits {
  const same = (rate: number): RateLimits['client'] => ({ browse: rate, cart: rate, checkout: rate, account: rate });
  return {
    client: { ...same(env.GATEWAY_CLIENT_RATE), checkout: env.GATEWAY_CHECKOUT_RATE },
    address: same(env.GATEWAY_ADDRESS_RATE),
  };
}
