import { z } from 'zod';
import { busFields } from '#process/bus/config';
import { fields, parseConfig } from '#process/config';
import { parseFaroApps } from './faro/apps.ts';

/** Requests per second. */
const rate = z.coerce.number().positive().max(1_000_000);

const schema = z.object({
  COLLECTORS_PORT: fields.port,
  BELLWETHER_HOST: fields.host,
  CLICKHOUSE_URL: fields.url,
  /** Where the event bus is; without either only `POST /v1/events` takes events. */
  BUS_URL: busFields.BUS_URL.optional(),
  KAFKA_BROKERS: busFields.KAFKA_BROKERS,
  /** The control database, where dead letters of the bus are shown; without it they are left to the command line. */
  DATABASE_URL: fields.url.optional(),
  /** Limit of a request's body, before and after decompression. 20 MiB, as in the OpenTelemetry Collector. */
  COLLECTORS_MAX_BODY_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(20 * 1_024 * 1_024),
  /** The web apps whose browsers may report, `name:key:origin|origin` with commas between; none means that nobody may. */
  FARO_APPS: z
    .string()
    .default('')
    .transform((text, context) => {
      const { apps, problems } = parseFaroApps(text);
      for (const message of problems) context.addIssue({ code: 'custom', message });
      return apps;
    }),
  /** Limit of a browser's request, before and after decompression. The SDK sends fifty items at most in one. */
  FARO_MAX_BODY_BYTES: z.coerce.number().int().min(1_024).max(104_857_600).default(1_048_576),
  FARO_APP_RATE: rate.default(200),
  FARO_ADDRESS_RATE: rate.default(50),
  FARO_SESSION_RATE: rate.default(10),
});

/** Configuration of the collectors. @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): z.infer<typeof schema> {
  return parseConfig('collectors', schema, source);
}
