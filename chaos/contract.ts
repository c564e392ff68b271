import { z } from 'zod';

/** Longest time that any fault may live. */
export const maxTtlSeconds = 900;

const ttlSeconds = z
  .number({ error: 'ttlSeconds is mandatory' })
  .positive()
  .max(maxTtlSeconds, `a fault may live ${maxTtlSeconds} s at most`);

/** What may be changed about a fault of the catalogue when it is started; what does not fit its kind is refused. */
export const faultParamsSchema = z.object({
  share: z.number().gt(0).max(1).optional(),
  status: z.number().int().min(400).max(599).optional(),
  latencyMs: z.number().positive().max(60_000).optional(),
  jitterMs: z.number().min(0).max(60_000).optional(),
});

export type FaultParams = z.infer<typeof faultParamsSchema>;

/**
 * `params` of a `ChaosCommand` row, by its `kind`. Whoever wants something of chaos inserts such a row and notifies
 * `chaos_commands` in the same transaction; `handledAt` with `result` or `error` is the answer.
 */
export const commandParams = {
  /** Result: `{ injectionId }`. */
  start: faultParamsSchema.extend({ name: z.string(), ttlSeconds }),
  /** Result: `{}` once the fault is undone. */
  stop: z.object({ injectionId: z.uuid() }),
  /** Undoes everything; with `hold` it pulls the global stop: nothing may be injected until a `release`. Result: `{}`. */
  'stop-all': z.object({ hold: z.boolean().default(false), reason: z.string().max(500).optional() }),
  /** Releases the global stop. Result: `{}`. */
  release: z.object({}),
  /** Result: `{ drillId }` as soon as it runs or is refused; the `Drill` row tells the rest. */
  drill: z.object({
    name: z.string(),
    limitSeconds: z.number().positive().max(3600).optional(),
    ttlSeconds: ttlSeconds.optional(),
    flashSale: z.boolean().optional(),
  }),
  /** Result: `{}`. */
  'cancel-drill': z.object({ drillId: z.uuid() }),
} as const;

export type ChaosCommandKind = keyof typeof commandParams;

/** Moments of a drill, ISO 8601 UTC; null for what has not happened. */
export const stagesSchema = z.object({
  injected: z.string().nullable(),
  firstBad: z.string().nullable(),
  stored: z.string().nullable(),
  firing: z.string().nullable(),
  sent: z.string().nullable(),
  accepted: z.string().nullable(),
  undone: z.string().nullable(),
  resolved: z.string().nullable(),
});

export type Stages = z.infer<typeof stagesSchema>;

export const noStages: Stages = {
  injected: null,
  firstBad: null,
  stored: null,
  firing: null,
  sent: null,
  accepted: null,
  undone: null,
  resolved: null,
};

/** The page that decided a drill. */
export const drillPageSchema = z.object({
  summary: z.string(),
  service: z.string(),
  slo: z.string(),
  faultId: z.string(),
});

export type DrillPage = z.infer<typeof drillPageSchema>;

/** One line of a drill's live progress. */
export const progressSchema = z.array(z.object({ at: z.string(), text: z.string() }));

export type Progress = z.infer<typeof progressSchema>;

export type Verdict = 'hit' | 'late' | 'wrong service' | 'missed' | 'silent' | 'noisy';
