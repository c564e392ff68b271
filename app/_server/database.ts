import { createPrismaClient, type PrismaClient } from '#prisma/client';

/** The console's view of Postgres: role `app` reads alerts and chaos, and writes commands and pages. */
export type Database = { prisma: PrismaClient; ping(): Promise<boolean>; close(): Promise<void> };

/** Opens a small pool; connects on first use. */
export function openDatabase(databaseUrl: string, maxConnections = 2): Database {
  const prisma = createPrismaClient({ databaseUrl, maxConnections });
  return {
    prisma,
    ping: () =>
      prisma.$queryRaw`SELECT 1`.then(
        () => true,
        () => false,
      ),
    close: () => prisma.$disconnect(),
  };
}
