import { z } from 'zod';
import { defaultPorts, type ProcessName, portVariable } from '#process/addresses';
import { busFields } from '#process/bus/config';
import { fields, parseConfig } from '#process/config';

type Source = Record<string, string | undefined>;

/** What a service with a database of its own reads besides the rest. */
export const databaseFields = {
  ...busFields,
  DATABASE_URL: fields.url,
  /** How events get from the outbox to the bus; `streaming` polls as well, whenever it cannot stream. */
  OUTBOX_RELAY: z.enum(['polling', 'streaming']).default('polling'),
};
export type DatabaseEnv = z.infer<z.ZodObject<typeof databaseFields>>;

/** A replica of the service's database, and how far behind it may be to be read from. */
export const replicaFields = { REPLICA_MAX_LAG_MS: z.coerce.number().int().min(1).default(1_000) };

/** What a service with flags reads besides the rest: a file in flagd's format, or a server that speaks OFREP. */
export const flagFields = { FLAGS_FILE: z.string().min(1).optional(), FLAGS_OFREP_URL: fields.url.optional() };

/** What a service that caches reads besides the rest; without Redis it caches in the process only. */
export const cacheFields = {
  REDIS_URL: fields.redisUrl.optional(),
  /** Values of a kind that a process keeps; 0 turns caching off. */
  CACHE_ENTRIES: z.coerce.number().int().min(0).default(10_000),
};

const baseShape = { BELLWETHER_HOST: fields.host, CHAOS_ENABLED: fields.flag, CHAOS_TOKEN: z.string().default('') };

/** Listening sockets that a process inherits begin here (`sd_listen_fds(3)` of systemd). */
const firstSocket = 3;
const socketsSchema = z.object({ LISTEN_FDS: z.coerce.number().int().min(0).max(8).default(0) });

export type ServiceEnv = {
  host: string;
  port: number;
  /** The variable that moves the port, for messages. */
  portVariable: string;
  /** File descriptors of inherited sockets, its own port's first; empty when it has to bind its ports itself. */
  sockets: readonly number[];
  chaos: { enabled: boolean; token: string };
};

/**
 * Reads a service's configuration: what every service has, and the variables of `extraShape`.
 * @throws ConfigError naming every bad variable at once
 */
export function readServiceEnv<Extra extends z.ZodRawShape>(
  name: ProcessName,
  extraShape: Extra,
  source: Source = process.env,
): ServiceEnv & z.infer<z.ZodObject<Extra>> {
  const variable = portVariable(name);
  const portShape = { [variable]: fields.port.default(defaultPorts[name]) };
  const base = z
    .object({ ...extraShape, ...baseShape, ...portShape })
    .refine((env: Record<string, unknown>) => env.CHAOS_ENABLED !== true || env.CHAOS_TOKEN !== '', {
      path: ['CHAOS_TOKEN'],
      message: 'a secret is expected when CHAOS_ENABLED=true',
    });
  const env: Record<string, unknown> = parseConfig(name, base, source);
  const extra = Object.fromEntries(Object.keys(extraShape).map((key) => [key, env[key]])) as z.infer<
    z.ZodObject<Extra>
  >;
  return {
    ...extra,
    host: String(env.BELLWETHER_HOST),
    port: Number(env[variable]),
    portVariable: variable,
    sockets: Array.from({ length: parseConfig(name, socketsSchema, source).LISTEN_FDS }, (_, n) => firstSocket + n),
    chaos: { enabled: env.CHAOS_ENABLED === true, token: String(env.CHAOS_TOKEN) },
  };
}

/** Often, for faults to be seen soon; each export costs a request, whatever is in it. */
const telemetrySchema = z.object({
  OTEL_SDK_DISABLED: fields.flag,
  OTEL_EXPORTER_OTLP_ENDPOINT: fields.url.optional(),
  OTEL_METRIC_EXPORT_INTERVAL: z.coerce.number().int().min(100).default(10_000),
  OTEL_BSP_SCHEDULE_DELAY: z.coerce.number().int().min(10).default(3_000),
});

/** How often metrics are exported, and spans and logs, in milliseconds. */
export type TelemetryEnv = { metricIntervalMs: number; exportIntervalMs: number };

/** Null when no receiver is named or the SDK is disabled. */
export function readTelemetryEnv(source: Source = process.env): TelemetryEnv | null {
  const env = parseConfig('telemetry', telemetrySchema, source);
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined || env.OTEL_SDK_DISABLED) return null;
  return {
    metricIntervalMs: env.OTEL_METRIC_EXPORT_INTERVAL,
    exportIntervalMs: env.OTEL_BSP_SCHEDULE_DELAY,
  };
}
