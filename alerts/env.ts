import { z } from 'zod';
import { fields, parseConfig } from '#process/config';

const schema = z.object({
  ALERTS_PORT: fields.port,
  BELLWETHER_HOST: fields.host,
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'expected postgres://alerts:password@host:port/bellwether',
  }),
  CLICKHOUSE_URL: fields.url,
  BELLWETHER_SLO_GLOB: z.string().default('services/*/slo.yaml'),
  BELLWETHER_CONSOLE_URL: fields.url,
  BELLWETHER_PAGER_TOKEN: z.string().min(16, 'expected at least 16 characters'),
  BELLWETHER_WEBHOOK_URL: fields.url.optional(),
  BELLWETHER_FALSE_ALARM_DAYS: z.coerce.number('expected a number of days').min(1).max(3650).default(30),
});

export type AlertsEnv = z.infer<typeof schema>;

/**
 * Configuration of the alerts process.
 * @throws ConfigError naming every bad variable at once
 */
export function readEnv(source: Record<string, string | undefined> = process.env): AlertsEnv {
  return parseConfig('alerts', schema, source);
}
