import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readCliEnv } from '#cli/env';

const outcomes = ['bought', 'declined', 'out of stock', 'cancelled', 'unknown'] as const;

const progressSchema = z.object({
  minutes: z.number(),
  seed: z.number(),
  bus: z.enum(['embedded', 'kafka']),
  since: z.coerce.date(),
  /** Seconds of load so far. */
  seconds: z.number(),
  kills: z.array(
    z.object({
      atSeconds: z.number(),
      target: z.string(),
      backSeconds: z.number().nullable(),
      problem: z.string().optional(),
    }),
  ),
  purchases: z.array(z.object({ key: z.string(), outcome: z.enum(outcomes), orderId: z.string().nullable() })),
});

/** How far a run has come: enough to go on with it after it was interrupted. */
export type Progress = z.infer<typeof progressSchema>;

const file = path.join(readCliEnv().dataDir, 'bench-consistency.json');

/** The run that was interrupted, if it was one like this; otherwise a new one. */
export function resumeProgress(run: Pick<Progress, 'minutes' | 'seed' | 'bus'>): Progress {
  try {
    const known = progressSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (known.minutes === run.minutes && known.seed === run.seed && known.bus === run.bus) return known;
  } catch {
    // None, or half written when the machine went down.
  }
  return { ...run, since: new Date(), seconds: 0, kills: [], purchases: [] };
}

export function saveProgress(progress: Progress): void {
  writeFileSync(`${file}.new`, JSON.stringify(progress));
  renameSync(`${file}.new`, file);
}

export function forgetProgress(): void {
  rmSync(file, { force: true });
}
