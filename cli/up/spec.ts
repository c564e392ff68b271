import type { Address } from './sockets.ts';

/** When a process counts as ready. */
export type Readiness =
  /** It answers this URL with 2xx. */
  | { kind: 'http'; url: string }
  /** PostgreSQL lets this role in. */
  | { kind: 'postgres'; url: string }
  /** It is a job that ends, and ended well. */
  | { kind: 'exit' };

/** One process of the plan: everything that the supervisor knows about it. */
export type ProcessSpec = {
  name: string;
  /** Arguments to Node: flags, the entry, its arguments. */
  args: readonly string[];
  /** Variables on top of the supervisor's own environment. */
  env: Readonly<Record<string, string>>;
  /** Where people and other processes reach it; empty for a job. */
  address: string;
  /** Must be ready before this one starts; are stopped after it. */
  dependsOn: readonly string[];
  /** May start at any time, but are stopped after this one. */
  uses: readonly string[];
  readiness: Readiness;
  /**
   * Ports that it listens on through sockets which it inherits, from file descriptor 3 on (`LISTEN_FDS`, as systemd does
   * it): a successor can run beside it. Null when only one of it may run.
   */
  sockets: readonly Address[] | null;
  /** It watches the others and leaves them the processor: see `stand-back.ts`. */
  standsBack: boolean;
};
