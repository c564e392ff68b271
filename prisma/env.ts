import { z } from 'zod';
import { parseConfig } from '#process/config';

const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://owner:password@host:port/database' }),
});

/** Configuration of the one-shot migration: the control database's URL, as its owner. */
export function readEnv(source: Record<string, string | undefined> = process.env): { databaseUrl: string } {
  return { databaseUrl: parseConfig('prisma migrate', schema, source).DATABASE_URL };
}
