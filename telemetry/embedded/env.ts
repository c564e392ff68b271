import { z } from 'zod';
import { defaultPorts } from '#process/addresses';
import { fields, parseConfig } from '#process/config';

const schema = z.object({
  CLICKHOUSE_PORT: fields.port.default(defaultPorts.clickhouse),
  CLICKHOUSE_DATA_DIR: z.string({ error: 'expected the directory to keep telemetry in' }).min(1),
});

export type EmbeddedEnv = z.infer<typeof schema>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): EmbeddedEnv {
  return parseConfig('clickhouse', schema, source);
}

/**
 * Environment to start this process anew with, or undefined if it has it already: the engine runs each statement on a
 * thread of libuv's pool, whose size is read once, and takes the time zone of what it prints from the machine.
 */
export function missingEngineEnv(
  threads: number,
  source: Record<string, string | undefined> = process.env,
): NodeJS.ProcessEnv | undefined {
  if (Number(source.UV_THREADPOOL_SIZE ?? 0) >= threads && source.TZ === 'UTC') return undefined;
  return { NODE_ENV: 'production', ...source, UV_THREADPOOL_SIZE: String(threads), TZ: 'UTC' };
}
