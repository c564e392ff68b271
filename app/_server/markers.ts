import type { PrismaClient } from '#prisma/client';
import type { TelemetryClient } from '#telemetry/client';
import { readDeployments, readFlagChanges } from '#telemetry/queries/changes';

/** A vertical line on a chart; `href` leads to what it stands for. */
export type Marker = {
  atMs: number;
  kind: 'injected' | 'undone' | 'page' | 'deploy' | 'flag';
  label: string;
  href: string | null;
};

type Range = { fromMs: number; toMs: number };

/** More lines than these say nothing; the latest are kept. */
const mostPerKind = 30;

/** What was done to the system and what came of it: faults injected and undone, pages that went out. */
export async function readMarkers(prisma: PrismaClient, { fromMs, toMs }: Range): Promise<Marker[]> {
  const within = { gte: new Date(fromMs), lte: new Date(toMs) };
  const [injections, faults] = await Promise.all([
    prisma.injection.findMany({
      where: { OR: [{ injectedAt: within }, { undoneAt: within }] },
      orderBy: { createdAt: 'desc' },
      take: mostPerKind,
    }),
    prisma.fault.findMany({ where: { firingAt: within }, orderBy: { firingAt: 'desc' }, take: mostPerKind }),
  ]);
  const markers: Marker[] = [];
  for (const { name, injectedAt, undoneAt } of injections) {
    if (injectedAt !== null) {
      markers.push({ atMs: injectedAt.getTime(), kind: 'injected', label: `${name} injected`, href: '/chaos' });
    }
    if (undoneAt !== null) {
      markers.push({ atMs: undoneAt.getTime(), kind: 'undone', label: `${name} undone`, href: '/chaos' });
    }
  }
  for (const fault of faults) {
    const atMs = (fault.acceptedAt ?? fault.sentAt ?? fault.firingAt).getTime();
    const label = `page #${fault.number} (${fault.service})`;
    markers.push({ atMs, kind: 'page', label, href: `/faults/${fault.id}` });
  }
  return markers.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).sort(inTime);
}

/** What people changed: new versions of services, and feature flags. */
export async function readChanges(store: TelemetryClient, range: Range): Promise<Marker[]> {
  const [deployments, flags] = await Promise.all([readDeployments(store, range), readFlagChanges(store, range)]);
  return [
    ...deployments.slice(-mostPerKind).map(({ atMs, service, version }): Marker => {
      const href = `/services/${encodeURIComponent(service)}/record`;
      return { atMs, kind: 'deploy', label: `${service} ${version} deployed`, href };
    }),
    ...flags.slice(-mostPerKind).map(({ atMs, flag, from, to, author }): Marker => {
      const label = `flag ${flag}: ${from} → ${to}${author === '' ? '' : ` by ${author}`}`;
      return { atMs, kind: 'flag', label, href: null };
    }),
  ].sort(inTime);
}

function inTime(a: Marker, b: Marker): number {
  return a.atMs - b.atMs;
}
