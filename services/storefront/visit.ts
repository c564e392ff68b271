import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller } from '#services/kit/caller';
import type { Client } from '#services/kit/fetch';
import type { Session } from './session.ts';

/** One request of a browser: what its page is made with. */
export type Visit = {
  gateway: Client;
  /** Null while the gateway gives none: pages can be looked at, and nothing can be bought. */
  session: Session | null;
  caller: Caller;
  nonce: string;
  /** W3C context of the request's span, for the browser's own spans to join. */
  traceparent: string | null;
  /** Where the browser reports to. */
  reporting: { url: string; appKey: string; version: string } | null;
  /** Answers with this status instead of 200. Before the first byte of the page. */
  answerWith: (status: number) => void;
  /** The session that the browser keeps from now on; null ends it. */
  keep: (session: Session | null) => void;
};

// Next.js bundles what the pages import: this module is there twice, and the visits must not be.
const key = Symbol.for('bellwether.storefront.visits');
const shared = globalThis as { [key]?: AsyncLocalStorage<Visit> };
shared[key] ??= new AsyncLocalStorage<Visit>();
const visits = shared[key];

/** Runs what answers a request. */
export function inVisit<Result>(visit: Visit, answer: () => Result): Result {
  return visits.run(visit, answer);
}

/** The request that a page or an action is being run for. @throws Error outside of one */
export function currentVisit(): Visit {
  const visit = visits.getStore();
  if (visit === undefined) throw new Error('there is no request: pages are made by services/storefront/main.ts');
  return visit;
}
