import { type Document, isMap, isNode, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { Indicator, Sli, SloDefinition, SloProblem, SpanIndicator } from './definition.ts';
import { parseSelector } from './selector.ts';
import { findUnsupported, type Problem } from './unsupported.ts';

const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected lower-case letters, digits and dashes');

const sourceSchema = z.object({
  metricSource: z.object({
    type: z.enum(['bellwether-spans', 'prometheus'], 'expected bellwether-spans or prometheus'),
    spec: z.record(z.string(), z.unknown()),
  }),
});

const sloSchema = z.object({
  metadata: z.object({
    name: nameSchema,
    displayName: z.string().optional(),
    labels: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({
    description: z.string().optional(),
    service: nameSchema,
    indicator: z.object({
      spec: z.object({
        ratioMetric: z.object({
          good: sourceSchema.optional(),
          bad: sourceSchema.optional(),
          total: sourceSchema.optional(),
        }),
      }),
    }),
    timeWindow: z
      .array(z.object({ duration: z.string().regex(/^\d+[dwh]$/, 'expected a duration like 28d or 4w') }))
      .length(1),
    objectives: z
      .array(z.object({ target: z.number().optional(), targetPercent: z.number().optional() }))
      .length(1, 'expected exactly one objective'),
  }),
});

const spansSchema = z.strictObject({
  service: nameSchema,
  spanKind: z.enum(['server', 'consumer'], 'expected server or consumer').optional(),
  routes: z.array(z.string()).min(1).optional(),
  methods: z.array(z.string()).min(1).optional(),
  bad: z
    .union(
      [z.literal('error'), z.strictObject({ slowerThanMs: z.number().positive() })],
      'expected error or { slowerThanMs: <ms> }',
    )
    .optional(),
  countUnanswered: z.boolean().optional(),
});

type Source = z.infer<typeof sourceSchema>;
type Ratio = { good?: Source; bad?: Source; total?: Source };
type Parsed = z.infer<typeof sloSchema>;

/**
 * Reads the OpenSLO v1 documents of one file. Each document stands for itself: one that is refused says where and what
 * is expected, the others load.
 *
 * An indicator is a `ratioMetric` whose `metricSource` is one of
 * - `type: bellwether-spans` under `bad`, with
 *   `spec: { service, spanKind?: server | consumer, routes?, methods?, bad: error | { slowerThanMs } }`: the requests and
 *   messages that the service dealt with, or those of one kind. Where there are many messages and few requests each needs
 *   an objective of its own, or the ones that go well hide the others. `total` may repeat the selection. Failed calls of
 *   others that the service never answered count as bad when all of its requests are selected (`countUnanswered` says
 *   otherwise);
 * - `type: prometheus` with `spec: { query: <plain selector of a counter> }` under two of `good`, `bad`, `total`.
 */
export function parseOpenSlo(file: string, text: string): { slos: SloDefinition[]; problems: SloProblem[] } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  const slos: SloDefinition[] = [];
  const problems: SloProblem[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const [syntax] = document.errors;
    if (syntax !== undefined) {
      problems.push({
        file,
        line: lines.linePos(syntax.pos[0]).line,
        message: `not YAML: ${syntax.message.split('\n')[0]}`,
      });
      continue;
    }
    if (document.contents === null) continue;
    const outcome = readDocument(document.toJS());
    if (outcome.ok) slos.push({ ...outcome.slo, file });
    else
      problems.push(
        ...outcome.problems.map(({ path, message }) => ({ file, line: lineOf(document, lines, path), message })),
      );
  }
  return { slos, problems };
}

function readDocument(value: unknown): { ok: true; slo: SloDefinition } | { ok: false; problems: Problem[] } {
  const unsupported = findUnsupported(value);
  if (unsupported.length > 0) return { ok: false, problems: unsupported };
  const parsed = sloSchema.safeParse(value);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(toProblem) };
  const problems: Problem[] = [];
  const indicator = readIndicator(parsed.data.spec.indicator.spec.ratioMetric, problems);
  const objective = readObjective(parsed.data, problems);
  if (indicator === null || objective === null || problems.length > 0) return { ok: false, problems };
  return { ok: true, slo: toDefinition(parsed.data, indicator, objective) };
}

function toDefinition({ metadata, spec }: Parsed, indicator: Indicator, objective: number): SloDefinition {
  const [amount, unit] = [
    Number.parseInt(spec.timeWindow[0]?.duration ?? '28d', 10),
    spec.timeWindow[0]?.duration.at(-1),
  ];
  return {
    id: `${spec.service}/${metadata.name}`,
    service: spec.service,
    name: metadata.name,
    displayName: metadata.displayName ?? metadata.name,
    description: spec.description ?? null,
    sli: readSli(metadata, indicator),
    indicator,
    objective,
    windowDays: Math.max(1, Math.round(amount * (unit === 'w' ? 7 : unit === 'h' ? 1 / 24 : 1))),
    automatic: false,
    file: null,
    runbook: metadata.annotations?.runbook ?? null,
    owner: typeof metadata.labels?.owner === 'string' ? metadata.labels.owner : null,
  };
}

function readSli(metadata: Parsed['metadata'], indicator: Indicator): Sli {
  const label = metadata.labels?.sli;
  if (label === 'availability' || label === 'latency' || label === 'checkout') return label;
  if (metadata.name.startsWith('checkout')) return 'checkout';
  return indicator.type === 'spans' && indicator.bad.kind === 'slower' ? 'latency' : 'availability';
}

const ratioPath = ['spec', 'indicator', 'spec', 'ratioMetric'];

function readIndicator(ratio: Ratio, problems: Problem[]): Indicator | null {
  const types = new Set([ratio.good, ratio.bad, ratio.total].flatMap((source) => source?.metricSource.type ?? []));
  if (types.size > 1) {
    problems.push({
      path: ratioPath,
      message: 'ratioMetric: expected one kind of metricSource, found bellwether-spans and prometheus',
    });
    return null;
  }
  return types.has('bellwether-spans') ? readSpans(ratio, problems) : readMetrics(ratio, problems);
}

function readSpans(ratio: Ratio, problems: Problem[]): SpanIndicator | null {
  const path = [...ratioPath, 'bad', 'metricSource', 'spec'];
  const parsed = spansSchema.safeParse(ratio.bad?.metricSource.spec);
  if (!parsed.success) {
    const where = ratio.bad === undefined ? ratioPath : path;
    const hint =
      'expected bad.metricSource.spec { service, spanKind?, routes?, methods?, bad: error | { slowerThanMs } }';
    problems.push(
      ...parsed.error.issues.map((issue) => ({
        path: [...where, ...issue.path.map(String)],
        message: `${hint}: ${issue.message}`,
      })),
    );
    return null;
  }
  const { bad, countUnanswered, ...selection } = parsed.data;
  if (bad === undefined) {
    problems.push({ path, message: 'bellwether-spans: expected bad: error or bad: { slowerThanMs: <ms> }' });
    return null;
  }
  const whole = selection.routes === undefined && selection.methods === undefined && selection.spanKind !== 'consumer';
  return {
    type: 'spans',
    ...selection,
    bad: bad === 'error' ? { kind: 'error' } : { kind: 'slower', thresholdMs: bad.slowerThanMs },
    countUnanswered: countUnanswered ?? (bad === 'error' && whole),
  };
}

function readMetrics(ratio: Ratio, problems: Problem[]): Indicator | null {
  const given = (['good', 'bad', 'total'] as const).filter((name) => ratio[name] !== undefined);
  if (given.length < 2) {
    problems.push({ path: ratioPath, message: 'ratioMetric: expected two of good, bad, total' });
    return null;
  }
  const read = (name: 'good' | 'bad' | 'total'): ReturnType<typeof parseSelector> | null => {
    const source = ratio[name];
    if (source === undefined) return null;
    try {
      return parseSelector(z.string('expected a selector').parse(source.metricSource.spec.query));
    } catch (error) {
      const path = [...ratioPath, name, 'metricSource', 'spec', 'query'];
      problems.push({
        path,
        message: `query: ${error instanceof z.ZodError ? 'expected a plain selector' : String((error as Error).message)}`,
      });
      return null;
    }
  };
  return { type: 'metrics', good: read('good'), bad: read('bad'), total: read('total') };
}

function readObjective({ spec }: Parsed, problems: Problem[]): number | null {
  const [objective] = spec.objectives;
  const target =
    objective?.target ?? (objective?.targetPercent === undefined ? undefined : objective.targetPercent / 100);
  if (target !== undefined && target > 0 && target < 1) return target;
  problems.push({
    path: ['spec', 'objectives', '0', 'target'],
    message: 'expected target between 0 and 1 (0.99), or targetPercent between 0 and 100',
  });
  return null;
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  const path = issue.path.map(String);
  return { path, message: `${path.join('.')}: ${issue.message}` };
}

/** The line of the node at `path`, or of its nearest ancestor that is there. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: string[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1).map(toKey), true);
    const last = path[length - 1] ?? '';
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === last) : undefined;
    const node = pair?.key ?? (isSeq(parent) ? parent.items[Number(last)] : undefined);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return lines.linePos(document.contents?.range?.[0] ?? 0).line;
}

function toKey(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part;
}
