import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from 'chdb';
import { drainPending } from 'chdb';
import { openJournal } from './journal.ts';
import { type Lane, type LaneName, laneSpecs, openLane } from './lanes.ts';
import { removeBatches } from './repair.ts';
import { bringTo } from './session-state.ts';
import { kindOf, parseRawInsert, quoteLiteral, setStatement, tagStatement } from './statement.ts';

export type Statement = {
  lane: LaneName;
  sql: string;
  /** Payload of an INSERT. */
  data: Buffer | undefined;
  format: string;
  database: string;
  /** Settings of ClickHouse and `param_<name>`, for this statement only. */
  settings: Record<string, string>;
  /** Aborted when the client has gone: a SELECT is killed, an insert is finished. */
  signal: AbortSignal;
};

export type StatementResult = { bytes: Uint8Array; readRows: number; readBytes: number; writtenRows: number };

export type Engine = {
  /** ClickHouse's, e.g. `26.7.2.1`. */
  version: string;
  run: (statement: Statement) => Promise<StatementResult>;
  depths: () => Record<LaneName, number>;
  /** Waits for what runs, then closes the data directory. */
  close: () => Promise<void>;
};

/**
 * Opens the engine on a data directory: nobody else may have it open. Batches whose insert a crash cut short are taken out
 * first. @throws Error that says who holds the directory
 */
export async function openEngine(dataDir: string, onRepair: (batches: string[]) => void): Promise<Engine> {
  mkdirSync(dataDir, { recursive: true });
  const journal = openJournal(dataDir);
  const lanes = await openLanes(dataDir);
  const cutShort = journal.unfinished();
  if (cutShort.length > 0) {
    journal.forget(cutShort);
    await lanes.admin.use((session) => removeBatches(session, cutShort));
    journal.clear(cutShort);
    onRepair(cutShort);
  }
  const versionText = await lanes.admin.use((session) => session.queryAsync('SELECT version()', { format: 'TSV' }));
  let serial = 0;
  const kill = (tag: string): Promise<unknown> =>
    lanes.control.use((session) =>
      session.queryAsync(
        `KILL QUERY WHERE query LIKE ${quoteLiteral(`%/*${tag}*/%`)} AND query NOT LIKE 'KILL%' ASYNC`,
      ),
    );
  const run: Engine['run'] = (statement) => {
    const isInsert = kindOf(statement.sql) === 'insert';
    const lane = lanes[isInsert && statement.data !== undefined ? 'inserts' : statement.lane];
    return lane.use(async (session) => {
      if (statement.signal.aborted && !isInsert)
        throw new Error('Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)');
      if (isInsert) return insert(session, lane.name, statement, journal);
      serial += 1;
      const tag = `bellwether-${serial}`;
      const settle = whenAborted(statement.signal, () => void kill(tag).catch(() => undefined));
      try {
        return await select(session, lane.name, { ...statement, sql: tagStatement(statement.sql, tag) });
      } finally {
        settle();
      }
    });
  };
  const close = async (): Promise<void> => {
    await Promise.all(Object.values(lanes).map((lane) => lane.use(async () => undefined)));
    for (const lane of Object.values(lanes)) lane.close();
    await drainPending();
  };
  const depths = (): Record<LaneName, number> => mapLanes((name) => lanes[name].depth());
  return { version: versionText.text().trim(), run, depths, close };
}

const killAgainMs = 500;

/** Calls `kill` from the abort on until settled: again and again, as the engine may not know a query yet that is about to begin. */
function whenAborted(signal: AbortSignal, kill: () => void): () => void {
  let again: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    kill();
    again = setInterval(kill, killAgainMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
    clearInterval(again);
  };
}

function mapLanes<Value>(make: (name: LaneName) => Value): Record<LaneName, Value> {
  return {
    inserts: make('inserts'),
    alerts: make('alerts'),
    health: make('health'),
    console: make('console'),
    admin: make('admin'),
    control: make('control'),
  };
}

async function openLanes(dataDir: string): Promise<Record<LaneName, Lane>> {
  try {
    const opened = mapLanes((name) => openLane(name, dataDir, [setStatement(laneSpecs[name].settings)]));
    return {
      inserts: await opened.inserts,
      alerts: await opened.alerts,
      health: await opened.health,
      console: await opened.console,
      admin: await opened.admin,
      control: await opened.control,
    };
  } catch (error) {
    const holder = findHolder(dataDir);
    if (holder === undefined) throw error;
    throw new Error(
      `${dataDir} is in use by process ${holder}: stop it, or set CLICKHOUSE_DATA_DIR to another directory`,
    );
  }
}

/** The engine notes in `status` who has the directory open; the note outlives a process that was killed. */
function findHolder(dataDir: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)$/m.exec(readFileSync(join(dataDir, 'status'), 'utf8'))?.[1]);
    process.kill(pid, 0);
    return pid === process.pid ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** A request may ask for less time than the lane allows, not for more. */
function capped(lane: LaneName, settings: Record<string, string>): Record<string, string> {
  const limit = Number(laneSpecs[lane].settings.max_execution_time);
  const asked = Number(settings.max_execution_time ?? limit);
  return asked > 0 && asked <= limit ? settings : { ...settings, max_execution_time: String(limit) };
}

/**
 * Prepares the session, then runs `work` on it. A statement that fails stays among the running ones until the session runs
 * another.
 */
async function withSettings<Result>(
  session: Session,
  lane: LaneName,
  { database, settings }: Statement,
  work: () => Promise<Result>,
): Promise<Result> {
  await bringTo(session, { database, settings: capped(lane, settings) }, laneSpecs[lane].settings);
  try {
    return await work();
  } catch (error) {
    await session.queryAsync('SELECT 1').catch(() => undefined);
    throw error;
  }
}

function select(session: Session, lane: LaneName, statement: Statement): Promise<StatementResult> {
  return withSettings(session, lane, statement, async () => {
    const result = await session.queryAsync(statement.sql, { format: statement.format });
    return { bytes: result.bytes(), readRows: result.rowsRead, readBytes: result.bytesRead, writtenRows: 0 };
  });
}

/** An insert whose deduplication token is a batch's id is noted in the journal until the engine has it all. */
function insert(
  session: Session,
  lane: LaneName,
  statement: Statement,
  journal: ReturnType<typeof openJournal>,
): Promise<StatementResult> {
  const { insert_deduplication_token: batchId, ...others } = statement.settings;
  const token: Record<string, string> =
    batchId === undefined ? {} : { insert_deduplication_token: journal.tokenOf(batchId) };
  const { data, sql } = statement;
  const raw = data === undefined ? undefined : parseRawInsert(sql);
  // A raw insert carries its settings itself, which spares three statements.
  const settings = raw === undefined ? { ...others, ...token } : {};
  const write = async (): Promise<number> => {
    if (data?.length === 0) return 0;
    if (raw !== undefined && data !== undefined) {
      return (await session.insert({ ...raw, values: data, settings: { ...others, ...token } })).rowsWritten;
    }
    await session.queryAsync(data === undefined ? sql : `${sql}\n${data.toString('utf8')}`);
    return 0;
  };
  return withSettings(session, lane, { ...statement, settings }, async () => {
    if (batchId !== undefined) journal.begin(batchId);
    const writtenRows = await write();
    if (batchId !== undefined) journal.end(batchId);
    return { bytes: new Uint8Array(0), readRows: 0, readBytes: 0, writtenRows };
  });
}
