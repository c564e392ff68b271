import { type Kysely, sql } from 'kysely';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Logger } from '#process/logger';
import type { OutboxTables } from '../outbox.ts';
import { createPause } from '../pause.ts';
import { observeRelay } from './measures.ts';
import { type OutboxRow, startStream } from './stream.ts';

export type Relay = {
  /** Tells it that something was appended, so that it need not wait for its next look. */
  wake: () => void;
  /** `polling` looks into the table, `streaming` is told by the server, `standby` leaves it to another instance. */
  mode: () => RelayMode;
  /** Relays what is left, then ends. Never rejects: what cannot be relayed now stays in the table. */
  stop: () => Promise<void>;
};

export type RelayMode = 'polling' | 'streaming' | 'standby';

export type RelayOptions<Tables extends OutboxTables> = {
  db: Kysely<Tables>;
  /** Must be idempotent by event id: after a crash between publishing and deleting, events are published again. */
  publish: (events: CloudEvent[]) => Promise<void>;
  logger: Logger;
  /** Where to stream from, instead of polling alone. */
  stream?: { url: string; slot: string; retryMs?: number } | undefined;
  /** Between two looks into the table while nothing is streamed. */
  intervalMs?: number;
  /** The same while it is streamed, here or elsewhere: what was missed for whatever reason waits no longer. */
  safetyMs?: number;
  batchSize?: number;
};

/** One relay at a time: events of an aggregate are published in the order of their commits. */
const relayLock = 7_301;

/** More than this is left in the table, where it is anyway. */
const mostInHand = 10_000;

/**
 * Moves events from the outbox to the bus, oldest first, in batches, until stopped. What is published is deleted in the
 * transaction that publishes it, whether it was read from the table or came by the stream: so one that does both, or
 * several instances, publish an event twice only when killed in between, and what the stream misses is in the table.
 */
export function startRelay<Tables extends OutboxTables>(options: RelayOptions<Tables>): Relay {
  const { logger, intervalMs = 500, safetyMs = 5_000, batchSize = 200 } = options;
  const inHand: OutboxRow[] = [];
  const pause = createPause();
  let behind = true;
  let suspicious = false;
  let failures = 0;
  let stopping = false;
  const stream = options.stream && startStream({ ...options.stream, logger, onRows: take, onState: lookAgain });
  const mode = (): RelayMode => {
    const state = stream?.state() ?? 'away';
    return state === 'away' ? 'polling' : state;
  };
  const measures = observeRelay(mode);
  function take(rows: OutboxRow[]): void {
    inHand.push(...rows);
    if (inHand.length > mostInHand) {
      inHand.length = 0;
      behind = true;
    }
    if (failures === 0) pause.end();
  }
  function lookAgain(): void {
    behind = true;
    pause.end();
  }
  const moveSome = async (): Promise<void> => {
    const polls = behind;
    behind = false;
    const rows = polls ? [] : inHand.splice(0, batchSize);
    const moved = polls ? await relayWaiting(options, batchSize) : await relayRows(options, rows);
    measures.published(moved, mode());
    // Rows that are not there were published, or cannot be seen yet: the log tells of a commit before the table does.
    if (polls ? moved.length === batchSize : moved.length < rows.length) behind = true;
    if (suspicious && moved.length > 0) stream?.restart();
    suspicious = false;
  };
  const rest = async (): Promise<void> => {
    const usualMs = mode() === 'polling' ? intervalMs : safetyMs;
    const over = await pause.wait(failures === 0 ? usualMs : Math.min(intervalMs * 2 ** Math.min(failures, 4), 5_000));
    if (!over) return;
    behind = true;
    // What is found after the stream was silent for so long it did not tell of.
    suspicious = failures === 0 && mode() === 'streaming';
  };
  const loop = async (): Promise<void> => {
    while (true) {
      try {
        await moveSome();
        failures = 0;
      } catch (error) {
        failures += 1;
        behind = true;
        if (failures === 1) logger.warn({ err: error }, 'events wait in the outbox: the bus cannot be reached');
        if (stopping) return;
      }
      const idle = failures > 0 || (!behind && inHand.length === 0);
      if (idle && stopping) return;
      if (idle) await rest();
    }
  };
  const done = loop();
  return {
    mode,
    wake: () => {
      if (mode() === 'polling') lookAgain();
    },
    stop: async () => {
      await stream?.stop();
      stopping = true;
      lookAgain();
      await done;
      measures.end();
    },
  };
}

/** Those that wait longest. @returns those that were published */
async function relayWaiting<Tables extends OutboxTables>(
  { db, publish }: RelayOptions<Tables>,
  batchSize: number,
): Promise<CloudEvent[]> {
  return db.transaction().execute(async (trx) => {
    // Whoever has the lock moves what is there.
    const { rows: locks } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(${relayLock}) as mine, ${limitHanging}`.execute(trx);
    if (locks[0]?.mine !== true) return [];
    const { rows } = await sql<OutboxRow>`select seq, event from outbox order by seq limit ${batchSize}`.execute(trx);
    const events = rows.map(({ event }) => event);
    if (events.length === 0) return events;
    await publish(events);
    await sql`delete from outbox where seq = any(${rows.map(({ seq }) => seq)}::bigint[])`.execute(trx);
    return events;
  });
}

/** Those of the rows that still wait. @returns those that were published */
async function relayRows<Tables extends OutboxTables>(
  { db, publish }: RelayOptions<Tables>,
  rows: OutboxRow[],
): Promise<CloudEvent[]> {
  if (rows.length === 0) return [];
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${relayLock}), ${limitHanging}`.execute(trx);
    const waiting = await sql<{ seq: string }>`
      delete from outbox where seq = any(${rows.map(({ seq }) => seq)}::bigint[]) returning seq`.execute(trx);
    const seqs = new Set(waiting.rows.map(({ seq }) => seq));
    const events = rows.filter(({ seq }) => seqs.has(seq)).map(({ event }) => event);
    if (events.length > 0) await publish(events);
    return events;
  });
}

/** A process that hangs while it publishes loses the lock to another. */
const limitHanging = sql`set_config('idle_in_transaction_session_timeout', '30s', true)`;
