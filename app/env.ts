import { z } from 'zod';
import { type ProcessName, resolvePorts } from '#process/addresses';
import { fields, parseConfig } from '#process/config';

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '::1']);

const schema = z
  .object({
    APP_PORT: fields.port.default(3000),
    BELLWETHER_HOST: fields.host,
    BELLWETHER_ADMIN_PASSWORD: z.string().min(8, 'at least 8 characters').optional(),
    BELLWETHER_PAGER_TOKEN: z.string().min(16, 'at least 16 characters'),
    BELLWETHER_CONSOLE_URL: fields.url.optional(),
    DATABASE_URL: z.string().min(1),
    CLICKHOUSE_URL: fields.url,
    CHAOS_ENABLED: fields.flag,
    /** Where catalogue files lie; commas between patterns. */
    BELLWETHER_CATALOG_GLOB: z
      .string()
      .default('services/catalog-info.yaml,services/*/catalog-info.yaml')
      .transform((globs) =>
        globs
          .split(',')
          .map((glob) => glob.trim())
          .filter(Boolean),
      ),
  })
  .refine((env) => loopbackHosts.has(env.BELLWETHER_HOST) || env.BELLWETHER_ADMIN_PASSWORD !== undefined, {
    path: ['BELLWETHER_ADMIN_PASSWORD'],
    message: 'a password is required when BELLWETHER_HOST is not a loopback address',
  });

/** Configuration of the console; see the fields' names in the README's table. */
export type AppEnv = z.infer<typeof schema> & { ports: Record<ProcessName, number> };

/**
 * Reads the console's configuration.
 * @throws ConfigError naming every bad variable; also when it would listen beyond loopback without a password
 */
export function readEnv(source: Record<string, string | undefined> = process.env): AppEnv {
  return { ...parseConfig('app', schema, source), ports: resolvePorts(source) };
}

/** True when the console can be reached from this machine only. */
export function isLoopback(env: Pick<AppEnv, 'BELLWETHER_HOST'>): boolean {
  return loopbackHosts.has(env.BELLWETHER_HOST);
}
