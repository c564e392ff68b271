import { startTestPostgres } from '#cli/embedded/test-postgres';
import { applyMigrations } from '#prisma/apply';
import { createPrismaClient, type PrismaClient } from '#prisma/client';

export type TestControl = {
  /** As the role of alerts. */
  prisma: PrismaClient;
  /** Takes away what a test has left. */
  clear: () => Promise<void>;
  isQueueEmpty: () => Promise<boolean>;
  stop: () => Promise<void>;
};

/** A control database of its own, on a real PostgreSQL. */
export async function startTestControl(): Promise<TestControl> {
  const postgres = await startTestPostgres({ databases: ['bellwether'] });
  await applyMigrations({ databaseUrl: postgres.url('bellwether') });
  const prisma = createPrismaClient({ databaseUrl: postgres.url('bellwether', 'alerts') });
  return {
    prisma,
    clear: async () => {
      await prisma.slo.deleteMany();
      await prisma.fault.deleteMany();
      await prisma.watermark.deleteMany();
    },
    isQueueEmpty: async () => (await prisma.notification.count({ where: { state: 'queued' } })) === 0,
    stop: async () => {
      await prisma.$disconnect();
      await postgres.stop();
    },
  };
}
