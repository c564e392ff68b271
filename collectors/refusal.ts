import type { IncomingMessage } from 'node:http';
import { RowsRefusedError, StoreUnavailableError } from '#telemetry/writer/errors';

/** Why a request was not accepted; the label of `collectors_refused_requests_total`. */
export type RefusalReason =
  | 'malformed'
  | 'method'
  | 'too_large'
  | 'content_type'
  | 'content_encoding'
  | 'unknown_key'
  | 'origin'
  | 'rate_limited'
  | 'aborted'
  | 'overloaded'
  | 'store_away'
  | 'internal';

const statuses = {
  malformed: 400,
  method: 405,
  too_large: 413,
  content_type: 415,
  content_encoding: 415,
  unknown_key: 401,
  origin: 403,
  rate_limited: 429,
  aborted: 400,
  overloaded: 503,
  store_away: 503,
  internal: 500,
} as const satisfies Record<RefusalReason, number>;

/** Long enough for an embedded store to come back, short enough not to delay a page. */
const defaultRetryAfterSeconds = 2;

/** A request that is answered with an error status; the message is for the sender to read. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly #retryAfterSeconds: number;

  /** @param retryAfterSeconds when the same request can succeed, for those that can at all */
  constructor(reason: RefusalReason, message: string, retryAfterSeconds = defaultRetryAfterSeconds) {
    super(message);
    this.reason = reason;
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return statuses[this.reason];
  }

  /** `Retry-After` where the same request can succeed later; a body that was not read to its end ends the connection. */
  headers(request: IncomingMessage): Record<string, string> {
    return {
      ...([429, 503].includes(this.status) && { 'retry-after': String(this.#retryAfterSeconds) }),
      ...(this.status === 405 && { allow: 'POST' }),
      ...(!request.complete && { connection: 'close' }),
    };
  }
}

/** What to answer for an error: its own refusal, 503 for a store that is away, 500 for a defect. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailableError) {
    return new Refusal('store_away', 'the telemetry store is not reachable: send the same request again');
  }
  if (error instanceof RowsRefusedError) return new Refusal('malformed', error.message);
  return new Refusal('internal', 'internal error');
}
