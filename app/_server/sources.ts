import type { Catalog } from '#app/_catalog/service-record.ts';
import type { PrismaClient } from '#prisma/client';
import type { TelemetryClient } from '#telemetry/client';
import type { Remember } from './memory.ts';

/** Where the console reads from. `store` is only ever handed to `telemetry/queries`. */
export type Sources = {
  prisma: PrismaClient;
  store: TelemetryClient;
  clock: () => number;
  /** What teams say about their services. */
  readCatalog: () => Promise<Catalog>;
  remember: Remember;
  chaosEnabled: boolean;
};
