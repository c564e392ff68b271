import type { Culprit, Symptom } from './culprit.ts';

/** The likely cause of an alert, by a vote of its traces. */
export type Cause = {
  service: string;
  symptom: Symptom;
  /** traces that name this service, of all that name any */
  votes: number;
  traces: number;
  /** services on the failing paths, outermost first */
  chain: string[];
  entry: { service: string; route: string; name: string } | null;
  traceIds: string[];
};

/** How often a symptom must be seen to describe the cause: an open breaker hides the errors that opened it. */
const telling = 0.1;

/**
 * The service that most traces name. A trace that ends in a failure passed on has no vote: somebody deeper failed.
 * Without a vote the service where such traces end, or else the alerting service itself, is all there is to say.
 */
export function decideCause(culprits: Culprit[], alertingService: string): Cause {
  const telling = culprits.filter(({ passedOn }) => !passedOn);
  if (telling.length > 0 || culprits.length === 0) return vote(telling, alertingService);
  return { ...vote(culprits, alertingService), votes: 0 };
}

function vote(culprits: Culprit[], alertingService: string): Cause {
  const byService = [...Map.groupBy(culprits, ({ service }) => service)].sort(([, a], [, b]) => b.length - a.length);
  const [winner] = byService;
  if (winner === undefined) {
    return {
      service: alertingService,
      symptom: 'unknown',
      votes: 0,
      traces: 0,
      chain: [alertingService],
      entry: null,
      traceIds: [],
    };
  }
  const [service, voters] = winner;
  return {
    service,
    symptom: decideSymptom(voters),
    votes: voters.length,
    traces: culprits.length,
    chain: [...new Set(voters.flatMap(({ chain }) => chain))],
    entry: mostCommonEntry(voters),
    traceIds: voters.slice(-5).map(({ traceId }) => traceId),
  };
}

function decideSymptom(voters: Culprit[]): Symptom {
  const order: Symptom[] = ['errors', 'no answer', 'unreachable', 'slow'];
  const seen = (symptom: Symptom): number => voters.filter((voter) => voter.symptom === symptom).length;
  return order.find((symptom) => seen(symptom) > voters.length * telling) ?? 'unknown';
}

function mostCommonEntry(voters: Culprit[]): Cause['entry'] {
  const entries = voters.flatMap(({ entry }) => (entry === null ? [] : [entry]));
  const [common] = [...Map.groupBy(entries, ({ service, route, name }) => `${service} ${route} ${name}`).values()].sort(
    (a, b) => b.length - a.length,
  );
  return common?.[0] ?? null;
}
