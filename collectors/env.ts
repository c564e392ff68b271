import { z } from 'zod';
import { fields, parseConfig } from '#process/config';

const schema = z.object({
  COLLECTORS_PORT: fields.port,
  BELLWETHER_HOST: fields.host,
  CLICKHOUSE_URL: fields.url,
  /** Postgres database of the event bus; without it only `POST /v1/events` takes events. */
  BUS_URL: fields.url.optional(),
  /** Limit of a request's body, before and after decompression. 20 MiB, as in the OpenTelemetry Collector. */
  COLLECTORS_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(20 * 1_024 * 1_024),
});

/** Configuration of the collectors. @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): z.infer<typeof schema> {
  return parseConfig('collectors', schema, source);
}
