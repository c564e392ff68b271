import { z } from 'zod';
import { fields, parseConfig } from '#process/config';

const schema = z.object({ CLICKHOUSE_URL: fields.url });

/** Configuration of the one-shot migration. @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): z.infer<typeof schema> {
  return parseConfig('telemetry-migrate', schema, source);
}
