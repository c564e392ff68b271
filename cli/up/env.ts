import { z } from 'zod';
import { type ProcessName, portVariable, resolvePorts } from '#process/addresses';
import { busFields } from '#process/bus/config';
import { ConfigError, fields, parseConfig } from '#process/config';

const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

const schema = z
  .object({
    BELLWETHER_HOST: fields.host,
    BELLWETHER_ADMIN_PASSWORD: z.string().min(8, 'expected at least 8 characters').optional(),
    BELLWETHER_WEBHOOK_URL: fields.url.optional(),
    CHAOS_ENABLED: z
      .enum(['true', 'false'])
      .default('true')
      .transform((value) => value === 'true'),
    CLICKHOUSE_URL: fields.url.optional(),
    SMTP_URL: fields.url.optional(),
    /** Where the shop's services send their telemetry, when it is not to Bellwether's own collectors. */
    SHOP_OTLP_ENDPOINT: fields.url.optional(),
    /** `core`: the shop without what is not needed to buy. */
    BELLWETHER_PROFILE: z.enum(['full', 'core']).default('full'),
    REDIS_URL: fields.redisUrl.optional(),
    KAFKA_BROKERS: busFields.KAFKA_BROKERS,
    CATALOG_REPLICA_URL: fields.url.optional(),
    USERS_REPLICA_URL: fields.url.optional(),
    REPLICA_MAX_LAG_MS: z.coerce.number().int().min(1).optional(),
    FLAGS_FILE: z.string().min(1).optional(),
    FLAGS_OFREP_URL: fields.url.optional(),
    OUTBOX_RELAY: z.enum(['polling', 'streaming']).default('polling'),
    /** Where customers find the storefront, when it is not this machine. */
    STOREFRONT_PUBLIC_URL: z
      .url()
      .transform((url) => new URL(url).origin)
      .optional(),
    /** Web apps that may report besides the storefront; the collectors say what is wrong with it. */
    FARO_APPS: z.string().optional(),
  })
  .superRefine((env, context) => {
    if (loopbackHosts.includes(env.BELLWETHER_HOST) || env.BELLWETHER_ADMIN_PASSWORD !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['BELLWETHER_ADMIN_PASSWORD'],
      message: `a password is required before anything listens on ${env.BELLWETHER_HOST}`,
    });
  });

export type Settings = z.infer<typeof schema> & { ports: Record<ProcessName, number> };

/**
 * What `npm start` is told by its environment; chaos is on, since this is the demo.
 * @throws ConfigError naming every bad variable at once, ports included
 */
export function readSettings(source: Record<string, string | undefined> = process.env): Settings {
  const problems: string[] = [];
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // The first line of a ConfigError counts; the sum is counted below.
      problems.push(...message.split('\n').filter((line) => !line.includes('bad variable')));
      return undefined;
    }
  };
  const ports = attempt(() => resolvePorts(source));
  const env = attempt(() => parseConfig('bellwether', schema, source));
  if (ports !== undefined) problems.push(...findSharedPorts(ports));
  if (env === undefined || ports === undefined || problems.length > 0) {
    const lines = problems.map((line) => `  ${line.trim()}`);
    throw new ConfigError(`${lines.length} bad variable(s) in the environment\n${lines.join('\n')}`);
  }
  return { ...env, ports };
}

/** The whole environment, for the processes to inherit. */
export function readEnvironment(): Record<string, string | undefined> {
  // What npm tells its scripts is none of theirs.
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
}

function findSharedPorts(ports: Record<ProcessName, number>): string[] {
  const byPort = Map.groupBy(Object.entries(ports) as [ProcessName, number][], ([, port]) => port);
  return [...byPort]
    .filter(([, users]) => users.length > 1)
    .map(([port, users]) => `${users.map(([name]) => portVariable(name)).join(' and ')}: both are ${port}`);
}
