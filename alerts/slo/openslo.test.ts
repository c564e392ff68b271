import { describe, expect, test } from 'vitest';
import { parseOpenSlo } from './openslo.ts';

const availability = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: availability
  displayName: Payments answers
spec:
  service: payments
  indicator:
    metadata: { name: availability }
    spec:
      ratioMetric:
        counter: true
        bad:
          metricSource:
            type: bellwether-spans
            spec: { service: payments, bad: error }
        total:
          metricSource:
            type: bellwether-spans
            spec: { service: payments }
  timeWindow:
    - duration: 4w
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - target: 0.995
`;

const span = 'spec: { service: payments, bad: error }';

function metrics(query: string): string {
  const source = (name: string, selector: string): string =>
    `        ${name}:\n          metricSource:\n            type: prometheus\n            spec: { query: '${selector}' }\n`;
  const [head = '', rest = ''] = availability.split('        bad:\n');
  const tail = rest.slice(rest.indexOf('  timeWindow:'));
  return `${head}${source('bad', query)}${source('total', 'http_requests_total')}${tail}`;
}

describe('an SLO', () => {
  test('over spans: availability of a service counts the calls that it never answered', () => {
    expect(parseOpenSlo('slo.yaml', availability)).toMatchObject({
      problems: [],
      slos: [
        {
          id: 'payments/availability',
          displayName: 'Payments answers',
          sli: 'availability',
          objective: 0.995,
          windowDays: 28,
          automatic: false,
          file: 'slo.yaml',
          indicator: { type: 'spans', service: 'payments', bad: { kind: 'error' }, countUnanswered: true },
        },
      ],
    });
  });

  test('over some routes: who called in vain is not known to have meant them', () => {
    const text = availability.replace(
      span,
      'spec: { service: payments, routes: [/payments], methods: [POST], bad: { slowerThanMs: 300 } }',
    );
    expect(parseOpenSlo('slo.yaml', text).slos[0]).toMatchObject({
      sli: 'latency',
      indicator: {
        routes: ['/payments'],
        methods: ['POST'],
        bad: { kind: 'slower', thresholdMs: 300 },
        countUnanswered: false,
      },
    });
  });

  test.each([
    ['server', true],
    ['consumer', false],
  ])('over the %s spans of a service: unanswered calls count: %s', (spanKind, countUnanswered) => {
    const text = availability.replace(span, `spec: { service: payments, spanKind: ${spanKind}, bad: error }`);
    expect(parseOpenSlo('slo.yaml', text).slos[0]?.indicator).toMatchObject({ spanKind, countUnanswered });
  });

  test('over metrics: plain selectors', () => {
    const { slos, problems } = parseOpenSlo('slo.yaml', metrics('http_requests_total{status=~"5..", job!="x"}'));
    expect(problems).toEqual([]);
    expect(slos[0]?.indicator).toEqual({
      type: 'metrics',
      good: null,
      bad: {
        metric: 'http_requests_total',
        matchers: [
          { label: 'status', op: '=~', value: '5..' },
          { label: 'job', op: '!=', value: 'x' },
        ],
      },
      total: { metric: 'http_requests_total', matchers: [] },
    });
  });

  test('in per cent', () => {
    const text = availability.replace('target: 0.995', 'targetPercent: 99.5');
    expect(parseOpenSlo('slo.yaml', text).slos[0]?.objective).toBeCloseTo(0.995);
  });
});

describe('refused with its line and what is expected', () => {
  test.each<[string, string, string, number, RegExp]>([
    ['another kind', 'kind: SLO', 'kind: AlertPolicy', 2, /kind "AlertPolicy" is not supported yet: expected SLO/],
    ['another version', 'openslo/v1', 'openslo/v2', 1, /apiVersion: expected openslo\/v1/],
    ['no service', '  service: payments\n', '', 6, /spec.service/],
    ['a target of 99.5', 'target: 0.995', 'target: 99.5', 26, /expected target between 0 and 1/],
    ['a threshold metric', 'ratioMetric:', 'thresholdMetric:', 11, /thresholdMetric is not supported yet/],
    ['time slices', 'Occurrences', 'Timeslices', 24, /budgetingMethod "Timeslices" is not supported yet/],
    ['a calendar window', 'isRolling: true', 'isRolling: false', 23, /isRolling: false is not supported yet/],
    ['an unknown source', 'bellwether-spans', 'datadog', 15, /expected bellwether-spans or prometheus/],
    ['a misspelt key', span, 'spec: { service: payments, rutes: [/x], bad: error }', 16, /rutes/],
    ['no notion of bad', span, 'spec: { service: payments }', 16, /expected bad: error/],
    ['bad YAML', 'metadata:\n', 'metadata: [\n', 4, /not YAML/],
  ])('%s', (_, from, to, line, message) => {
    const { slos, problems } = parseOpenSlo('slo.yaml', availability.replace(from, to));
    expect(slos).toEqual([]);
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]).toMatchObject({ file: 'slo.yaml', line });
  });

  test.each(['rate(http_requests_total[5m])', 'a + b', 'http_requests_total{status=~5..}', 'x offset 5m', ''])(
    'the query %s, which is no plain selector',
    (query) => {
      const { slos, problems } = parseOpenSlo('slo.yaml', metrics(query));
      expect(slos).toEqual([]);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ line: 16, message: expect.stringContaining('expected') });
    },
  );
});

test('a document that is refused does not take the others with it', () => {
  const broken = availability.replace('target: 0.995', 'target: 2');
  const other = availability.replace('name: availability\n', 'name: second\n');
  const { slos, problems } = parseOpenSlo('slo.yaml', [broken, other].join('---\n'));
  expect(slos.map(({ id }) => id)).toEqual(['payments/second']);
  expect(problems).toHaveLength(1);
});
