import { metrics } from '@opentelemetry/api';
import {
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  noop,
  retry,
} from 'cockatiel';
import { remainingMs } from './deadline.ts';
import { UnansweredError } from './downstream.ts';
import type { Answer } from './fetch.ts';
import { createRetryBudget } from './retry-budget.ts';

export type BreakerOptions = {
  /** Share of failures among the last `size` calls at which calls are refused. */
  threshold: number;
  size: number;
  minimumCalls: number;
  /** For how long, before one call is let through to try. */
  openMs: number;
};

export type GuardOptions = {
  peer: string;
  /** Repetitions of a call that was refused, or that is idempotent and was broken off or answered 502, 503 or 504. */
  retries: number;
  /** `none` for callers that go on asking whatever happens. */
  breaker: BreakerOptions | 'none';
  /** Calls at once, and as many more that wait for a place: a slow peer does not take all that this service has. */
  concurrency: number;
};

/** What stands between a client and its peer. */
export type Guards = {
  /**
   * Repeats within `retries` and the budget: what is not idempotent only when it has certainly not arrived.
   */
  repeat: (attempt: (resend: number) => Promise<Answer>, options: { idempotent: boolean }) => Promise<Answer>;
  /** Waits for a place. @throws UnansweredError `bulkhead_full` */
  bulkhead: (attempt: () => Promise<Answer>) => Promise<Answer>;
  /** @throws BrokenCircuitError */
  breaker: (send: () => Promise<Answer>) => Promise<Answer>;
  /** What an attempt may take, within the deadline of what runs now. @throws UnansweredError `timeout` when nothing is left */
  limit: (timeoutMs: number) => number;
};

/** Less than this is not worth beginning a call for. */
const shortestMs = 20;

const meter = metrics.getMeter('bellwether/resilience');
const counters = {
  retries: meter.createCounter('http.client.retries', { description: 'Calls that were made again.' }),
  unpaid: meter.createCounter('http.client.retries.over_budget', { description: 'Calls that were not made again.' }),
  full: meter.createCounter('http.client.bulkhead.refused', { description: 'Calls refused: too many at once.' }),
  late: meter.createCounter('http.client.deadline.refused', { description: 'Calls refused: no time left.' }),
};
const breakerState = meter.createObservableGauge('http.client.breaker.state', {
  description: '0 closed, 1 trying, 2 open.',
});
const inFlight = meter.createObservableGauge('http.client.bulkhead.executing', { description: 'Calls under way.' });

/** Retries with budget, bulkhead, circuit breaker and deadline of one client, each visible as a metric. */
export function createGuards(options: GuardOptions): Guards {
  const labels = { 'peer.service': options.peer };
  const compartment = bulkhead(options.concurrency, options.concurrency);
  inFlight.addCallback((result) => result.observe(options.concurrency - compartment.executionSlots, labels));
  const breaker = options.breaker === 'none' ? noop : buildBreaker(options.breaker, labels);
  return {
    repeat: buildRepeat(options.retries, labels),
    bulkhead: async (attempt) => {
      try {
        return await compartment.execute(attempt);
      } catch (error) {
        if (!(error instanceof BulkheadRejectedError)) throw error;
        counters.full.add(1, labels);
        throw new UnansweredError(options.peer, 'bulkhead_full', { cause: error });
      }
    },
    breaker: (send) => breaker.execute(send),
    limit: (timeoutMs) => {
      const leftMs = remainingMs();
      if (leftMs >= shortestMs) return Math.min(timeoutMs, leftMs);
      counters.late.add(1, labels);
      throw new UnansweredError(options.peer, 'timeout');
    },
  };
}

/** 502 and 504 say that somebody behind the service called has failed: refusing calls to it would hide who. */
function isFailure(status: number): boolean {
  return status >= 500 && status !== 502 && status !== 504;
}

function buildBreaker({ threshold, size, minimumCalls, openMs }: BreakerOptions, labels: Record<string, string>) {
  const failed = handleWhen((error) => error instanceof UnansweredError).orWhenResult(
    (answer) => isAnswer(answer) && isFailure(answer.status),
  );
  const breaker = new CountBreaker({ threshold, size, minimumNumberOfCalls: minimumCalls });
  const policy = circuitBreaker(failed, { halfOpenAfter: openMs, breaker });
  breakerState.addCallback((result) => {
    const open = policy.state === CircuitState.Open || policy.state === CircuitState.Isolated;
    result.observe(open ? 2 : policy.state === CircuitState.HalfOpen ? 1 : 0, labels);
  });
  return policy;
}

function buildRepeat(retries: number, labels: Record<string, string>): Guards['repeat'] {
  const budget = createRetryBudget();
  return (attempt, { idempotent }) => {
    budget.deposit();
    let made = 0;
    const again = (worthwhile: boolean): boolean => {
      if (!worthwhile || made > retries) return false;
      const paid = budget.withdraw();
      (paid ? counters.retries : counters.unpaid).add(1, labels);
      return paid;
    };
    const policy = retry(
      handleWhen((error) => again(isWorthRepeating(error, idempotent))).orWhenResult((answer) =>
        again(idempotent && isAnswer(answer) && [502, 503, 504].includes(answer.status)),
      ),
      { maxAttempts: retries, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }) },
    );
    return policy.execute((context) => {
      made += 1;
      return attempt(context.attempt);
    });
  };
}

function isWorthRepeating(error: unknown, idempotent: boolean): boolean {
  if (!(error instanceof UnansweredError)) return false;
  return error.reason === 'refused' || (error.reason === 'reset' && idempotent);
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'status' in value;
}
