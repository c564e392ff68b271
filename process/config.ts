import { z } from 'zod';

/** A process's configuration is wrong; the message names every bad variable, one per line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads a process's configuration from environment variables.
 * @throws ConfigError naming every missing or malformed variable at once (values of secrets are not repeated)
 */
export function parseConfig<Schema extends z.ZodObject>(
  processName: string,
  schema: Schema,
  source: Record<string, string | undefined>,
): z.infer<Schema> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const variable = issue.path.join('.');
    return `  ${variable}: ${given[variable] === undefined ? 'missing; ' : ''}${issue.message}`;
  });
  throw new ConfigError(`${processName}: ${lines.length} bad variable(s) in the environment\n${lines.join('\n')}`);
}

/** Pieces shared by the schemas of the processes' `env.ts`. */
export const fields = {
  port: z.coerce.number().int().min(1).max(65535),
  url: z.url(),
  redisUrl: z.url({ protocol: /^rediss?$/, error: 'expected redis://host:port or rediss://host:port' }),
  host: z.string().default('127.0.0.1'),
  flag: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true'),
};
