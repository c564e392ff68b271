import { DomainError } from './problem.ts';

/** Why a call has no answer. After `timeout` and `reset` the other side may have acted; after the others it has not. */
export type UnansweredReason = 'timeout' | 'reset' | 'refused' | 'breaker_open' | 'bulkhead_full';

const details: Record<UnansweredReason, (peer: string) => string> = {
  timeout: (peer) => `${peer} did not answer in time.`,
  reset: (peer) => `The connection to ${peer} broke.`,
  refused: (peer) => `${peer} cannot be reached.`,
  bulkhead_full: (peer) => `Too many calls to ${peer} are under way.`,
  breaker_open: (peer) => `${peer} has failed repeatedly and is not being called for a moment.`,
};

/**
 * A call to another service has no answer. Thrown through to the edge it becomes 504 (timeout) or 502, which say that
 * somebody behind this service failed; 500 and 503 are kept for this service's own failures.
 */
export class UnansweredError extends DomainError {
  override readonly name = 'UnansweredError';
  readonly peer: string;
  readonly reason: UnansweredReason;

  constructor(peer: string, reason: UnansweredReason, options?: ErrorOptions) {
    const timedOut = reason === 'timeout';
    super(
      timedOut ? 'downstream_timeout' : 'downstream_unavailable',
      timedOut ? 504 : 502,
      details[reason](peer),
      {},
      options,
    );
    this.peer = peer;
    this.reason = reason;
  }
}

/** A service answered with a status that its contract does not have for the call. Becomes 502. */
export class UnexpectedAnswerError extends DomainError {
  override readonly name = 'UnexpectedAnswerError';
  readonly peer: string;
  readonly peerStatus: number;

  constructor(peer: string, peerStatus: number, options?: ErrorOptions) {
    super('downstream_failed', 502, `${peer} failed.`, {}, options);
    this.peer = peer;
    this.peerStatus = peerStatus;
  }
}

const refusals = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Tells from what `fetch` threw why there is no answer. */
export function reasonOf(error: unknown): UnansweredReason {
  if (!(error instanceof Error)) return 'reset';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return refusals.has(code) ? 'refused' : 'reset';
}
