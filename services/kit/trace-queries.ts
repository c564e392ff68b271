import { type Attributes, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { LogEvent } from 'kysely';
import { LRUCache } from 'lru-cache';

const tracer = trace.getTracer('bellwether/database');
const duration = metrics.getMeter('bellwether/database').createHistogram('db.client.operation.duration', {
  description: 'Duration of database client operations.',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
});

/** What a statement is called in spans and metrics; the same for all its executions. */
type Statement = { name: string; span: Attributes; metric: Attributes };

/** Statements that a service remembers the names of: more than it has, unless it makes them up. */
const remembered = 500;

/**
 * A client span and a measured duration for every statement that a request or an event asks for (Semantic Conventions for
 * databases, stable), from Kysely's log. Polling happens outside of them and would fill the store with spans that nobody
 * reads. The instrumentation of `pg` counts the pool's connections and wraps each statement's callbacks again for each of
 * them, which takes about twice as long.
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
  return (event) => {
    // That a transaction begins waits for nothing: its statements and its end say the rest.
    if (trace.getActiveSpan()?.isRecording() !== true || event.query.sql === 'begin') return;
    const { name, span: attributes, metric } = recall(event.query.sql);
    const endMs = performance.timeOrigin + performance.now();
    const span = tracer.startSpan(name, {
      ...{ kind: SpanKind.CLIENT, attributes, startTime: endMs - event.queryDurationMillis },
    });
    const failure = event.level === 'error' ? describeFailure(event.error) : undefined;
    if (failure !== undefined) {
      span.setAttributes(failure);
      // The server's own words may quote what somebody has typed.
      span.setStatus({ code: SpanStatusCode.ERROR, message: `PostgreSQL: ${failure['error.type']}` });
    }
    span.end(endMs);
    duration.record(event.queryDurationMillis / 1_000, failure === undefined ? metric : { ...metric, ...failure });
  };
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
function describeStatement(sql: string, server: Attributes): Statement {
  const operation = (/^\s*(\w+)/.exec(sql)?.[1] ?? 'QUERY').toUpperCase();
  const table = tableName.exec(sql);
  const name = [operation, table?.[1] ?? table?.[2] ?? []].flat().join(' ');
  return {
    name,
    span: { ...server, 'db.operation.name': operation, 'db.query.summary': name, 'db.query.text': sql },
    metric: { 'db.system.name': 'postgresql', 'db.namespace': server['db.namespace'], 'db.operation.name': operation },
  };
}

/** By SQLSTATE, where the server has answered one. */
function describeFailure(error: unknown): Attributes {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return { 'error.type': error instanceof Error ? error.name : 'unknown' };
  return { 'error.type': code, 'db.response.status_code': code };
}
