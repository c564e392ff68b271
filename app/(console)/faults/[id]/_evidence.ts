import { z } from 'zod';

/** What the alerts process wrote down about why it names a service. */
export const evidenceSchema = z.object({
  symptom: z.string(),
  /** Traces that name the service, of all that name any. */
  votes: z.number(),
  traces: z.number(),
  /** Services on the failing path, outermost first. */
  chain: z.array(z.string()).default([]),
  traceIds: z.array(z.string()).default([]),
  revised: z.string().nullish(),
});

/** What customers suffer. */
export const impactSchema = z.object({
  affected: z.array(z.string()).default([]),
  entry: z.object({ service: z.string(), route: z.string(), name: z.string() }).nullish(),
  badShare: z.number(),
  badEvents: z.number(),
  events: z.number(),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type Impact = z.infer<typeof impactSchema>;
