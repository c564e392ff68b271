import type { PrismaClient } from '#prisma/client';
import type { TelemetryClient } from '#telemetry/client';

/** Where the console reads from. `store` is only ever handed to `telemetry/queries`. */
export type Sources = {
  prisma: PrismaClient;
  store: TelemetryClient;
  clock: () => number;
  /** Folder that holds a record per service: `<dir>/<name>/catalog-info.yaml`, `runbook.md`. */
  catalogDir: string;
  chaosEnabled: boolean;
};
