import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { commandParams } from '#chaos/contract';
import type { PrismaClient } from '#prisma/client';

const command = <Kind extends keyof typeof commandParams>(kind: Kind) =>
  z.object({ kind: z.literal(kind), params: commandParams[kind] });

/** What the chaos page may ask for. */
export const chaosCommandSchema = z.discriminatedUnion('kind', [
  command('start'),
  command('stop'),
  command('stop-all'),
  command('release'),
  command('drill'),
  command('cancel-drill'),
]);

/** Which dead letters to replay: one, or all of a queue. */
export const replayCommandSchema = z.strictObject({
  queue: z.string().min(1).max(200),
  letterId: z.string().min(1).max(500).optional(),
});

export const faultCommandSchema = z.object({ reason: z.string().trim().max(500).optional() });

/** A decision about a fault, as a row that the alerts process acts on. @returns the command's id */
export async function commandFault(
  prisma: PrismaClient,
  given: { kind: 'acknowledge' | 'resolve'; faultId: string; author: string; reason?: string },
): Promise<string> {
  const id = randomUUID();
  await prisma.$transaction([
    prisma.alertCommand.create({ data: { id, ...given, reason: given.reason ?? null } }),
    prisma.$executeRaw`SELECT pg_notify('alert_commands', ${id})`,
  ]);
  return id;
}

/** A wish about chaos, as a row that the chaos process acts on. @returns the command's id */
export async function commandChaos(
  prisma: PrismaClient,
  { kind, params, author }: z.infer<typeof chaosCommandSchema> & { author: string },
): Promise<string> {
  const id = randomUUID();
  await prisma.$transaction([
    prisma.chaosCommand.create({ data: { id, kind, params, author } }),
    prisma.$executeRaw`SELECT pg_notify('chaos_commands', ${id})`,
  ]);
  return id;
}

/** A wish to replay dead letters, as a row that the collectors act on. @returns the command's id */
export async function commandReplay(
  prisma: PrismaClient,
  { queue, letterId, author }: z.infer<typeof replayCommandSchema> & { author: string },
): Promise<string> {
  const id = randomUUID();
  await prisma.$transaction([
    prisma.replayCommand.create({ data: { id, queue, letterId: letterId ?? null, author } }),
    prisma.$executeRaw`SELECT pg_notify('replay_commands', ${id})`,
  ]);
  return id;
}
