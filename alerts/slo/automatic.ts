import type { SloDefinition } from './definition.ts';

const objective = 0.99;

/** The availability SLO of a service that sends spans and that nobody declared one for. */
function automaticSlo(service: string): SloDefinition {
  return {
    id: `${service}/availability`,
    service,
    name: 'availability',
    displayName: `${service} answers`,
    description: 'Made from the spans that the service sends; declare an slo.yaml to choose your own.',
    sli: 'availability',
    indicator: { type: 'spans', service, bad: { kind: 'error' }, countUnanswered: true },
    objective,
    windowDays: 28,
    automatic: true,
    file: null,
    runbook: null,
    owner: null,
  };
}

/** SLOs in force: the declared ones, and one for each service seen that has none. */
export function addAutomaticSlos(declared: SloDefinition[], servicesSeen: Iterable<string>): SloDefinition[] {
  const covered = new Set(declared.map(({ service }) => service));
  const strangers = [...new Set(servicesSeen)].filter((service) => !covered.has(service)).sort();
  return [...declared, ...strangers.map(automaticSlo)];
}
