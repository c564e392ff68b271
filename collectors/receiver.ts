import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '#process/logger';
import type { Writer } from '#telemetry/writer/writer';
import type { IntakeMetrics } from './intake.ts';

/** The store as receivers see it: each call resolves once the store has all the rows, or rejects. */
export type Store = Pick<Writer, 'appendTraces' | 'appendLogs' | 'appendMetrics' | 'appendEvents' | 'appendRum'>;

export type ReceiverContext = {
  store: Store;
  intake: IntakeMetrics;
  logger: Logger;
  /** Unix time in ms. */
  clock: () => number;
  /** Limit of a body, before and after decompression. */
  maxBodyBytes: number;
  /** Counts a body's bytes from when it is read until it is answered. @throws Refusal `overloaded` */
  reserve: (bytes: number) => void;
  release: (bytes: number) => void;
};

/** Answers every request of one path. Never rejects. */
export type Receiver = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
