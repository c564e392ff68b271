import type { Client } from 'pg';
import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';
import type { CloudEvent } from '#process/bus/cloud-event';
import type { Logger } from '#process/logger';
import { createPause } from '../pause.ts';

/** A row of the outbox, as its insertion was committed. */
export type OutboxRow = { seq: string; event: CloudEvent };

/** `standby`: another instance has the slot. `away`: there is none to be had at the moment. */
export type StreamState = 'streaming' | 'standby' | 'away';

export type Stream = {
  state: () => StreamState;
  /** Begins anew: for one that was found not to tell of everything. */
  restart: () => void;
  /** Never rejects. */
  stop: () => Promise<void>;
};

export type StreamOptions = {
  /** Of the database that the outbox is in; the role needs the attribute REPLICATION. */
  url: string;
  /** One name in the whole server, the same for all instances of a service. */
  slot: string;
  logger: Logger;
  /** The rows of one transaction, in the order of commits. */
  onRows: (rows: OutboxRow[]) => void;
  /** Streaming has begun or ended: what was committed before the beginning is in the table only. */
  onState: () => void;
  /** Between two attempts to get the slot. Default 2,000. */
  retryMs?: number;
};

const publication = 'outbox';

/** SQLSTATE of a slot that is there already: 42710 duplicate_object, 55006 object_in_use. */
const takenCodes = ['42710', '55006'];

/** pgoutput on a slot that lives as long as its connection. */
class TemporarySlotPlugin extends PgoutputPlugin {
  override async start(client: Client, slot: string, lsn: string): Promise<unknown> {
    await ensurePublication(client);
    await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput (SNAPSHOT 'nothing')`);
    return super.start(client, slot, lsn);
  }
}

async function ensurePublication(client: Client): Promise<void> {
  const { rowCount } = await client.query(`SELECT FROM pg_publication WHERE pubname = '${publication}'`);
  if (rowCount === 0)
    await client.query(`CREATE PUBLICATION ${publication} FOR TABLE outbox WITH (publish = 'insert')`);
}

/**
 * Follows what is inserted into the outbox by logical replication, and tries again for as long as it cannot. The slot is
 * temporary: the table holds what is not published, so a slot need not remember it, and none is ever left behind that
 * keeps the server's log on the disk for a reader who does not come back.
 */
export function startStream(options: StreamOptions): Stream {
  const { logger, onState, retryMs = 2_000 } = options;
  let state: StreamState = 'away';
  let stopping = false;
  let current: LogicalReplicationService | undefined;
  const pause = createPause();
  const enter = (next: StreamState, error?: unknown): void => {
    if (next === state) return;
    state = next;
    onState();
    if (stopping) return;
    if (next === 'away') logger.warn({ err: error }, 'the outbox is polled: its stream ended');
    else logger.info(next === 'streaming' ? 'the outbox is streamed' : 'the outbox is streamed by another instance');
  };
  const loop = async (): Promise<void> => {
    let complained = false;
    while (!stopping) {
      current = open(options, () => enter('streaming'));
      const error = await follow(current, options.slot);
      if (stopping) break;
      if (state === 'away' && !complained && !isTaken(error)) {
        logger.warn({ err: error }, 'the outbox is polled: no stream can be had');
        complained = true;
      }
      enter(isTaken(error) ? 'standby' : 'away', error);
      await pause.wait(retryMs);
    }
    enter('away');
  };
  const done = loop();
  return {
    state: () => state,
    restart: () => void current?.destroy().catch(() => {}),
    stop: async () => {
      stopping = true;
      pause.end();
      await current?.destroy().catch(() => {});
      await done;
    },
  };
}

function open({ url, slot, onRows }: StreamOptions, onStart: () => void): LogicalReplicationService {
  const service = new LogicalReplicationService(
    { connectionString: url, application_name: slot, connectionTimeoutMillis: 5_000, keepAlive: true },
    { acknowledge: { auto: false, timeoutSeconds: 0 } },
  );
  const acknowledge = createAcknowledge(service);
  let rows: OutboxRow[] = [];
  service.on('start', onStart);
  service.on('data', (_lsn: string, message: Pgoutput.Message) => {
    if (message.tag === 'insert') rows.push({ seq: message.new.seq, event: message.new.event });
    if (message.tag !== 'commit' || rows.length === 0) return;
    onRows(rows);
    rows = [];
  });
  service.on('heartbeat', (lsn: string, _timestamp: number, shouldRespond: boolean) => acknowledge(lsn, shouldRespond));
  return service;
}

const acknowledgeMs = 1_000;

/**
 * Nothing depends on what is acknowledged, the table does that; but the server keeps its log until then, and one that
 * shuts down waits until exactly all that it sent is acknowledged. The library reports the byte after the one given.
 */
function createAcknowledge(service: LogicalReplicationService): (lsn: string, atOnce: boolean) => void {
  let lastMs = 0;
  return (lsn, atOnce) => {
    if (!atOnce && performance.now() - lastMs < acknowledgeMs) return;
    lastMs = performance.now();
    const [high = '0', low = '0'] = lsn.split('/');
    const position = (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`) - 1n;
    void service.acknowledge(`${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`);
  };
}

/** Ends when the stream does. @returns why */
async function follow(service: LogicalReplicationService, slot: string): Promise<unknown> {
  let reported: unknown = new Error('the server ended the stream');
  service.on('error', (error: Error) => {
    reported = error;
  });
  try {
    await service.subscribe(new TemporarySlotPlugin({ protoVersion: 1, publicationNames: [publication] }), slot);
    return reported;
  } catch (error) {
    return error;
  } finally {
    await service.destroy().catch(() => {});
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && takenCodes.includes(String(error.code));
}
