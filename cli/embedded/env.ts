import { z } from 'zod';
import { fields, parseConfig } from '#process/config';

const schema = z.object({
  BELLWETHER_HOST: fields.host,
  POSTGRES_PORT: fields.port,
  POSTGRES_DATA_DIR: z.string().min(1),
  POSTGRES_PASSWORD: z.string().min(8, 'expected at least 8 characters'),
  POSTGRES_ROLE_PASSWORDS: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'expected a JSON object of role to password' });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.string())),
});

/**
 * Configuration of the wrapper around PostgreSQL.
 * @throws ConfigError naming every bad variable
 */
export function readEnv(source: Record<string, string | undefined> = process.env): z.infer<typeof schema> {
  return parseConfig('postgres', schema, source);
}
