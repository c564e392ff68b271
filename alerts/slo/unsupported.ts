/** What is wrong, and where in the document. */
export type Problem = { path: string[]; message: string };

type Rule = { path: string[]; refuse: (value: unknown) => string | null };

const rules: Rule[] = [
  {
    path: ['apiVersion'],
    refuse: (value) => (value === 'openslo/v1' ? null : `apiVersion: expected openslo/v1, found ${show(value)}`),
  },
  {
    path: ['kind'],
    refuse: (value) => (value === 'SLO' ? null : `kind ${show(value)} is not supported yet: expected SLO`),
  },
  { path: ['spec', 'indicatorRef'], refuse: named('indicatorRef', 'expected the indicator in place') },
  {
    path: ['spec', 'indicator', 'spec', 'thresholdMetric'],
    refuse: named('thresholdMetric', 'expected ratioMetric'),
  },
  {
    path: ['spec', 'indicator', 'spec', 'ratioMetric', 'raw'],
    refuse: named('ratioMetric.raw', 'expected two of good, bad, total'),
  },
  {
    path: ['spec', 'indicator', 'spec', 'ratioMetric', 'counter'],
    refuse: (value) => (value === false ? 'ratioMetric with counter: false (gauges) is not supported yet' : null),
  },
  {
    path: ['spec', 'budgetingMethod'],
    refuse: (value) =>
      value === undefined || value === 'Occurrences'
        ? null
        : `budgetingMethod ${show(value)} is not supported yet: expected Occurrences`,
  },
  { path: ['spec', 'timeWindow', '0', 'calendar'], refuse: named('calendar', 'expected a rolling timeWindow') },
  {
    path: ['spec', 'timeWindow', '0', 'isRolling'],
    refuse: (value) =>
      value === false ? 'isRolling: false is not supported yet: expected a rolling timeWindow' : null,
  },
  {
    path: ['spec', 'objectives', '1'],
    refuse: named('a second objective', 'expected one; write another SLO for the other'),
  },
  ...['op', 'value', 'timeSliceTarget', 'timeSliceWindow', 'indicator', 'indicatorRef', 'compositeWeight'].map(
    (name): Rule => ({ path: ['spec', 'objectives', '0', name], refuse: named(`objectives.${name}`, 'remove it') }),
  ),
  {
    path: ['spec', 'alertPolicies'],
    refuse: (value) =>
      Array.isArray(value) && value.length > 0
        ? 'alertPolicies are not supported yet: remove them, every SLO pages by its own detector'
        : null,
  },
];

/** Everything in an OpenSLO document that is valid but not supported yet, each by its name. */
export function findUnsupported(document: unknown): Problem[] {
  const found = rules.flatMap(({ path, refuse }) => {
    const message = refuse(valueAt(document, path));
    return message === null ? [] : [{ path, message }];
  });
  // Of another kind or version the rest of the document says nothing.
  const first = found.find(({ path }) => path.length === 1);
  return first === undefined ? found : [first];
}

function named(name: string, instead: string): (value: unknown) => string | null {
  return (value) => (value === undefined ? null : `${name} is not supported yet: ${instead}`);
}

function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      typeof current === 'object' && current !== null ? (current as Record<string, unknown>)[key] : undefined,
    value,
  );
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
