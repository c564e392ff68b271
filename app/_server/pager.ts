import { z } from 'zod';
import type { PrismaClient } from '#prisma/client';

/** What the console needs of an Alertmanager webhook (version 4); the rest is kept as it came. */
export const pageSchema = z.looseObject({
  version: z.literal('4'),
  groupKey: z.string().regex(/^fault\/[0-9a-f-]{36}$/i, 'expected fault/<id>'),
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(z.unknown()),
});

/** Keeps a page once per idempotency key and tells every open console. */
export async function recordPage(
  prisma: PrismaClient,
  { idempotencyKey, page }: { idempotencyKey: string; page: z.infer<typeof pageSchema> },
): Promise<void> {
  const payload = JSON.parse(JSON.stringify(page));
  const faultId = page.groupKey.slice('fault/'.length);
  await prisma.$transaction([
    prisma.page.createMany({ data: [{ idempotencyKey, faultId, status: page.status, payload }], skipDuplicates: true }),
    prisma.$executeRaw`SELECT pg_notify('pages', ${faultId})`,
  ]);
}
