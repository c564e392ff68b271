import {
  type Attributes,
  type Context,
  context,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { LogEvent } from 'kysely';
import { LRUCache } from 'lru-cache';
import { afterAnswer } from './after-answer.ts';

const tracer = trace.getTracer('bellwether/database');
const duration = metrics.getMeter('bellwether/database').createHistogram('db.client.operation.duration', {
  description: 'Duration of database client operations.',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
});

/** What a statement is called in spans and metrics; the same for all its executions. */
type Statement = { operation: string; name: string; text: string; metric: Attributes };

/** Transactions that are open within a request: when the first began, how many are, and what was asked since. */
type Transactions = { sinceMs: number; open: number; statements: Statement[] };

/** Statements that a service remembers the names of: more than it has, unless it makes them up. */
const remembered = 500;

/** Characters of what was asked. */
const longestText = 4_000;

/** Within a transaction a statement that takes longer, or fails, has a span of its own besides. */
const slowMs = 20;

/**
 * Client spans and measured durations for what a request or an event asks a database (Semantic Conventions for databases,
 * stable), from Kysely's log: one span for a statement, or for a whole transaction, which is named by its statements in
 * their order; every statement is measured. Polling happens outside of requests and would fill the store with spans that
 * nobody reads. The instrumentation of `pg` counts the pool's connections and wraps callbacks for each statement besides.
 * @param url of the database; nothing of it but host, port and name is told
 */
export function createQueryLog(url: string): (event: LogEvent) => void {
  const server = describeServer(new URL(url));
  const statements = new LRUCache<string, Statement>({ max: remembered });
  const recall = (sql: string): Statement => {
    const known = statements.get(sql) ?? describeStatement(sql, server);
    statements.set(sql, known);
    return known;
  };
  const transactions = new WeakMap<Span, Transactions>();
  return (event) => {
    const within = context.active();
    const asker = trace.getSpan(within);
    if (asker?.isRecording() !== true) return;
    const endMs = performance.timeOrigin + performance.now();
    afterAnswer(() => note(event, { asker, within, endMs }));
  };
  function note(event: LogEvent, { asker, within, endMs }: { asker: Span; within: Context; endMs: number }): void {
    const statement = recall(event.query.sql);
    const startMs = endMs - event.queryDurationMillis;
    const failure = event.level === 'error' ? describeFailure(event.error) : undefined;
    duration.record(event.queryDurationMillis / 1_000, { ...statement.metric, ...failure });
    const open = follow(transactions, asker, { statement, startMs, failed: failure !== undefined });
    if (open?.open === 0) leaveSpan(describeAll(open.statements), { within, server, startMs: open.sinceMs, endMs });
    if (open !== undefined && failure === undefined && event.queryDurationMillis < slowMs) return;
    leaveSpan(statement, { within, server, startMs, endMs, failure });
  }
}

/** Notes a statement with the transactions of who asks. @returns them, with none open after the last has ended; undefined outside */
function follow(
  transactions: WeakMap<Span, Transactions>,
  asker: Span,
  { statement, startMs, failed }: { statement: Statement; startMs: number; failed: boolean },
): Transactions | undefined {
  const known = transactions.get(asker);
  if (statement.text === 'begin' && !failed) {
    const begun = known ?? { sinceMs: startMs, open: 0, statements: [] };
    begun.open += 1;
    transactions.set(asker, begun);
    return begun;
  }
  if (known === undefined) return undefined;
  known.statements.push(statement);
  // What cannot be committed is rolled back, and is over then even where that fails: the connection is lost.
  if (statement.text === 'rollback' || (statement.text === 'commit' && !failed)) known.open -= 1;
  if (known.open === 0) transactions.delete(asker);
  return known;
}

type Told = { within: Context; server: Attributes; startMs: number; endMs: number; failure?: Attributes | undefined };

function leaveSpan(
  { operation, name, text }: Omit<Statement, 'metric'>,
  { within, server, startMs, endMs, failure }: Told,
): void {
  const attributes = {
    ...server,
    'db.operation.name': operation,
    'db.query.summary': name,
    'db.query.text': text.slice(0, longestText),
    ...failure,
  };
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, startTime: startMs }, within);
  // The server's own words may quote what somebody has typed.
  if (failure !== undefined)
    span.setStatus({ code: SpanStatusCode.ERROR, message: `PostgreSQL: ${failure['error.type']}` });
  span.end(endMs);
}

function describeServer({ hostname, port, pathname }: URL): Attributes {
  return {
    'db.system.name': 'postgresql',
    'db.namespace': pathname.slice(1),
    'server.address': hostname,
    'server.port': Number(port || 5_432),
  };
}

/** After FROM there may be a function instead. */
const tableName = /\b(?:(?:into|update)\s+"?([a-z_][\w.]*)|from\s+"?([a-z_][\w.]*)(?![\w.]|\s*\())/i;

/** `SELECT products`, `INSERT outbox`, `COMMIT`: the operation, and the first table that it names. */
function describeStatement(text: string, server: Attributes): Statement {
  const operation = (/^\s*(\w+)/.exec(text)?.[1] ?? 'QUERY').toUpperCase();
  const table = tableName.exec(text);
  const name = [operation, table?.[1] ?? table?.[2] ?? []].flat().join(' ');
  const { 'db.system.name': system, 'db.namespace': namespace } = server;
  const metric = { 'db.system.name': system, 'db.namespace': namespace, 'db.operation.name': operation };
  return { operation, name, text, metric };
}

/** `INSERT orders; INSERT outbox; COMMIT`; one that comes again is named once, so that there are few names. */
function describeAll(statements: readonly Statement[]): Omit<Statement, 'metric'> {
  const different = [...new Set(statements)];
  return {
    operation: 'TRANSACTION',
    name: different.map(({ name }) => name).join('; '),
    text: different.map(({ text }) => text).join(';\n'),
  };
}

/** By SQLSTATE, where the server has answered one. */
function describeFailure(error: unknown): Attributes {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return { 'error.type': error instanceof Error ? error.name : 'unknown' };
  return { 'error.type': code, 'db.response.status_code': code };
}
