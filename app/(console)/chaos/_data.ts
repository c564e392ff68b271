import { type InjectionRow, readActiveInjections, readPastInjections } from '#app/_server/injections.ts';
import { attempt, type Loaded } from '#app/_server/loaded.ts';
import type { Sources } from '#app/_server/sources.ts';
import { drillPageSchema, noStages, progressSchema, type Stages, stagesSchema } from '#chaos/contract';

export type DrillRow = {
  id: string;
  name: string;
  state: string;
  verdict: string | null;
  reason: string | null;
  author: string;
  limitSeconds: number;
  detectionSeconds: number | null;
  stages: Stages;
  page: { summary: string; service: string; faultId: string } | null;
  progress: { atMs: number; text: string }[];
  startedAtMs: number;
  endedAtMs: number | null;
};

export type ChaosCommandRow = { id: string; kind: string; error: string | null; handled: boolean };

export type ChaosControl = {
  stopped: { atMs: number; by: string; reason: string | null } | null;
  active: InjectionRow[];
  past: InjectionRow[];
  drills: DrillRow[];
  commands: ChaosCommandRow[];
};

export type ChaosData = { atMs: number; enabled: boolean; control: Loaded<ChaosControl> };

async function readControl({ prisma }: Sources): Promise<ChaosControl> {
  const [stop, active, past, drills, commands] = await Promise.all([
    prisma.globalStop.findUnique({ where: { id: 1 } }),
    readActiveInjections(prisma),
    readPastInjections(prisma, 30),
    prisma.drill.findMany({ orderBy: { startedAt: 'desc' }, take: 20 }),
    prisma.chaosCommand.findMany({ orderBy: { createdAt: 'desc' }, take: 20 }),
  ]);
  return {
    stopped: stop?.pulledAt
      ? { atMs: stop.pulledAt.getTime(), by: stop.pulledBy ?? 'unknown', reason: stop.reason }
      : null,
    active,
    past,
    drills: drills.map(toDrillRow),
    commands: commands.map(({ id, kind, error, handledAt }) => ({ id, kind, error, handled: handledAt !== null })),
  };
}

function toDrillRow(drill: Awaited<ReturnType<Sources['prisma']['drill']['findMany']>>[number]): DrillRow {
  const stages = stagesSchema.safeParse(drill.stages);
  const page = drillPageSchema.safeParse(drill.page);
  const progress = progressSchema.safeParse(drill.progress);
  return {
    id: drill.id,
    name: drill.name,
    state: drill.state,
    verdict: drill.verdict,
    reason: drill.reason,
    author: drill.author,
    limitSeconds: drill.limitSeconds,
    detectionSeconds: drill.detectionSeconds,
    stages: stages.success ? stages.data : noStages,
    page: page.success ? page.data : null,
    progress: progress.success ? progress.data.map(({ at, text }) => ({ atMs: Date.parse(at), text })) : [],
    startedAtMs: drill.startedAt.getTime(),
    endedAtMs: drill.endedAt?.getTime() ?? null,
  };
}

/** What the chaos page shows. */
export async function readChaos(sources: Sources): Promise<ChaosData> {
  return { atMs: sources.clock(), enabled: sources.chaosEnabled, control: await attempt(readControl(sources)) };
}
