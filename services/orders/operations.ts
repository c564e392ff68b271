import type { Kysely } from 'kysely';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { staffRoutes } from './contract.ts';
import { type Rebuilds, readRebuild, requestRebuild } from './rebuild/rebuild.ts';
import type { OrdersDatabase } from './schema.ts';
import { description } from './staff.ts';

const tags = ['operations'];

/** Adds what whoever runs orders may have done to it. */
export function addOperations(
  app: Server,
  {
    db,
    ports,
    rebuilds,
  }: { db: Kysely<OrdersDatabase>; ports: { now: () => number }; rebuilds: Pick<Rebuilds, 'wake'> },
): void {
  const { readRebuild: read, rebuild } = staffRoutes;
  app.get(read.path, { schema: { operationId: 'readRebuild', description, tags, ...read.schema } }, async () => {
    const last = await readRebuild(db);
    if (last === undefined) throw new DomainError('never_rebuilt', 404, 'It was never made anew.');
    return last;
  });
  app.post(
    rebuild.path,
    { schema: { operationId: 'rebuild', description, tags, ...rebuild.schema } },
    async ({ body }, reply) => {
      const begun = await requestRebuild(db, { by: body.by, now: new Date(ports.now()) });
      rebuilds.wake();
      return reply.code(202).send(begun);
    },
  );
}
