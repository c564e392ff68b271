import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

export type { PrismaClient };

/**
 * A client of the control database with a small pool of its own; `$disconnect()` closes it.
 * @param databaseUrl `postgres://role:password@host:port/bellwether`, with the role of the process that asks
 */
export function createPrismaClient({
  databaseUrl,
  maxConnections = 4,
}: {
  databaseUrl: string;
  maxConnections?: number;
}): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: databaseUrl, max: maxConnections, connectionTimeoutMillis: 5_000 }),
  });
}
