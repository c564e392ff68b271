import { z } from 'zod';
import { fields, parseConfig } from '#process/config';
import { type ServiceName, serviceNames } from '#services/topology';

const serviceShape = Object.fromEntries(
  serviceNames.map((name) => [`${name.toUpperCase()}_URL`, fields.url]),
) as Record<string, typeof fields.url>;

const schema = z.object({
  ...serviceShape,
  BELLWETHER_HOST: fields.host,
  CHAOS_PORT: fields.port,
  CHAOS_ENABLED: fields.flag,
  CHAOS_TOKEN: z.string().min(16, 'expected at least 16 characters'),
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'expected postgres://chaos:password@host:port/bellwether',
  }),
  SUPERVISOR_URL: fields.url,
  SHOPPERS_URL: fields.url,
});

export type ChaosEnv = {
  host: string;
  port: number;
  enabled: boolean;
  token: string;
  databaseUrl: string;
  supervisorUrl: string;
  shoppersUrl: string;
  serviceUrls: Record<ServiceName, string>;
};

/** Configuration of the chaos process. */
export function readEnv(source: Record<string, string | undefined> = process.env): ChaosEnv {
  const env = parseConfig('chaos', schema, source);
  const urls = env as Record<string, unknown>;
  return {
    host: env.BELLWETHER_HOST,
    port: env.CHAOS_PORT,
    enabled: env.CHAOS_ENABLED,
    token: env.CHAOS_TOKEN,
    databaseUrl: env.DATABASE_URL,
    supervisorUrl: env.SUPERVISOR_URL,
    shoppersUrl: env.SHOPPERS_URL,
    serviceUrls: Object.fromEntries(
      serviceNames.map((name) => [name, String(urls[`${name.toUpperCase()}_URL`])]),
    ) as Record<ServiceName, string>,
  };
}
