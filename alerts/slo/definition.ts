import { z } from 'zod';

const matcherSchema = z.object({
  label: z.string(),
  op: z.enum(['=', '!=', '=~', '!~']),
  value: z.string(),
});

const selectorSchema = z.object({ metric: z.string(), matchers: z.array(matcherSchema) });

const spanIndicatorSchema = z.object({
  type: z.literal('spans'),
  service: z.string(),
  /** OpenTelemetry's: `server` for requests, `consumer` for messages; both when absent */
  spanKind: z.enum(['server', 'consumer']).optional(),
  routes: z.array(z.string()).optional(),
  methods: z.array(z.string()).optional(),
  bad: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('error') }),
    z.object({ kind: z.literal('slower'), thresholdMs: z.number() }),
  ]),
  /** failed calls of others that got no answer count as bad: a silent culprit is still found */
  countUnanswered: z.boolean(),
});

const metricIndicatorSchema = z.object({
  type: z.literal('metrics'),
  good: selectorSchema.nullable(),
  bad: selectorSchema.nullable(),
  total: selectorSchema.nullable(),
});

/** Where an SLO's good and bad events come from. */
export const indicatorSchema = z.discriminatedUnion('type', [spanIndicatorSchema, metricIndicatorSchema]);

export type Selector = z.infer<typeof selectorSchema>;
export type SpanIndicator = z.infer<typeof spanIndicatorSchema>;
export type Indicator = z.infer<typeof indicatorSchema>;
export type Sli = 'availability' | 'latency' | 'checkout';

/** A service-level objective in force. */
export type SloDefinition = {
  /** `<service>/<name>` */
  id: string;
  service: string;
  name: string;
  displayName: string;
  description: string | null;
  sli: Sli;
  indicator: Indicator;
  /** share of good events, between 0 and 1 */
  objective: number;
  windowDays: number;
  automatic: boolean;
  file: string | null;
  runbook: string | null;
  owner: string | null;
};

/** Why a document was refused: where, and what was expected there. */
export type SloProblem = { file: string; line: number; message: string };
