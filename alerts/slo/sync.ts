import type { PrismaClient } from '#prisma/client';
import type { SloDefinition, SloProblem } from './definition.ts';

/** Makes the tables say what is in force: SLOs that are gone stay as history, inactive; problems are those of now. */
export async function syncSlos(prisma: PrismaClient, slos: SloDefinition[], problems: SloProblem[]): Promise<void> {
  const ids = slos.map(({ id }) => id);
  await prisma.$transaction([
    ...slos.map(({ id, indicator, ...slo }) => {
      const data = { ...slo, source: indicator.type, definition: indicator, active: true };
      return prisma.slo.upsert({ where: { id }, create: { id, ...data }, update: data });
    }),
    prisma.slo.updateMany({ where: { id: { notIn: ids } }, data: { active: false } }),
    prisma.sloError.deleteMany(),
    prisma.sloError.createMany({ data: problems }),
  ]);
}
