import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGunzip, createInflate, gzipSync } from 'node:zlib';
import type { Engine, StatementResult } from './engine.ts';
import { RequestError, toHttpError } from './http-errors.ts';
import { type LaneName, laneSpecs } from './lanes.ts';
import { formatOf, kindOf } from './statement.ts';

/** Parameters that only mean something to ClickHouse's HTTP handler or its access control: there is one user and no session. */
const notSettings = new Set(
  'query query_id database default_format user password quota_key role session_id session_timeout session_check compress decompress enable_http_compression http_zlib_compression_level wait_end_of_query buffer_size send_progress_in_http_headers http_headers_progress_interval_ms cancel_http_readonly_queries_on_client_close stacktrace log_comment'.split(
    ' ',
  ),
);

const maxBodyBytes = 256 * 1024 * 1024;

/** Percent-encoded query parameters: `@clickhouse/client` sends them in the URL. */
export const maxHeaderBytes = 1024 * 1024;

type Options = { engine: Engine; isStopping: () => boolean };

/** Answers one request of ClickHouse's HTTP interface: `/ping`, and statements by GET (reading only) and POST. */
export async function answerClickHouse(
  request: IncomingMessage,
  response: ServerResponse,
  { engine, isStopping }: Options,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://store');
  const queryId = url.searchParams.get('query_id') ?? randomUUID();
  response.setHeader('X-ClickHouse-Server-Display-Name', 'bellwether-embedded');
  response.setHeader('X-ClickHouse-Query-Id', queryId);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  try {
    refuseBrowsers(request);
    if (isStopping()) throw new RequestError(439, 'CANNOT_SCHEDULE_TASK', 503, 'The store is stopping');
    if (url.pathname === '/ping' || (url.pathname === '/' && request.method === 'GET' && url.search === '')) {
      response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8' }).end('Ok.\n');
    } else if (url.pathname === '/') {
      await answerStatement(request, response, { engine, params: url.searchParams });
    } else {
      response.writeHead(404).end(`There is no handle ${url.pathname}\n`);
    }
  } catch (error) {
    const { code, status, body } = toHttpError(error, engine.version);
    if (response.headersSent) return void response.destroy();
    response.writeHead(status, {
      'X-ClickHouse-Exception-Code': String(code),
      'content-type': 'text/plain; charset=UTF-8',
    });
    response.end(body);
  }
}

/** There is no password on loopback, so no page in a browser may speak to the store: not by a form, nor by a name that resolves here. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  const isLocal = ['127.0.0.1', 'localhost', '[::1]', ''].includes(host);
  if (isLocal && headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new RequestError(497, 'ACCESS_DENIED', 403, 'Requests from browsers and under foreign host names are refused');
}

async function answerStatement(
  request: IncomingMessage,
  response: ServerResponse,
  { engine, params }: { engine: Engine; params: URLSearchParams },
): Promise<void> {
  const started = performance.now();
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  const body = await readBody(request);
  const urlQuery = params.get('query') ?? '';
  const sql = urlQuery === '' ? body.toString('utf8') : urlQuery;
  if (sql.trim() === '') throw new RequestError(62, 'SYNTAX_ERROR', 400, 'Empty query');
  if (request.method !== 'POST' && kindOf(sql) !== 'read') {
    throw new RequestError(164, 'READONLY', 500, 'Cannot execute query in readonly mode: use POST');
  }
  const isInsert = kindOf(sql) === 'insert';
  const data =
    urlQuery !== '' && isInsert && (body.length > 0 || !/\b(VALUES|SELECT|WITH)\b/i.test(sql)) ? body : undefined;
  const text = urlQuery !== '' && !isInsert && body.length > 0 ? `${sql}\n${body.toString('utf8')}` : sql;
  const fallbackFormat =
    params.get('default_format') ?? String(request.headers['x-clickhouse-format'] ?? 'TabSeparated');
  const result = await engine.run({
    lane: laneOf(params.get('log_comment')),
    sql: text,
    data,
    format: fallbackFormat,
    database: params.get('database') ?? String(request.headers['x-clickhouse-database'] ?? 'default'),
    settings: readSettings(params),
    signal: controller.signal,
  });
  response.setHeader('X-ClickHouse-Format', formatOf(text, fallbackFormat));
  response.setHeader('X-ClickHouse-Summary', summarise(result, performance.now() - started));
  sendBytes(request, response, { bytes: result.bytes, mayCompress: params.get('enable_http_compression') === '1' });
}

function laneOf(comment: string | null): LaneName {
  const name = comment?.startsWith('bellwether/') ? comment.slice('bellwether/'.length) : '';
  return name in laneSpecs && name !== 'control' ? (name as LaneName) : 'console';
}

function readSettings(params: URLSearchParams): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of params) {
    if (notSettings.has(name)) continue;
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new RequestError(115, 'UNKNOWN_SETTING', 404, `Unknown setting '${name}'`);
    settings[name] = value;
  }
  return settings;
}

function summarise(result: StatementResult, elapsedMs: number): string {
  const counts = {
    read_rows: result.readRows,
    read_bytes: result.readBytes,
    written_rows: result.writtenRows,
    written_bytes: 0,
    total_rows_to_read: 0,
    result_rows: 0,
    result_bytes: result.bytes.length,
    elapsed_ns: Math.round(elapsedMs * 1e6),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, String(value)])));
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, mayCompress }: { bytes: Uint8Array; mayCompress: boolean },
): void {
  const acceptsGzip = String(request.headers['accept-encoding'] ?? '').includes('gzip');
  if (mayCompress && acceptsGzip) {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes, { level: 1 }));
  } else {
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const decoders: Record<string, () => AsyncIterable<Buffer>> = {
    identity: () => request,
    gzip: () => request.on('error', () => undefined).pipe(createGunzip()),
    deflate: () => request.on('error', () => undefined).pipe(createInflate()),
  };
  const decode = decoders[encoding];
  if (decode === undefined)
    throw new RequestError(48, 'NOT_IMPLEMENTED', 501, `Content-Encoding ${encoding} is not supported`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decode()) {
    size += chunk.length;
    if (size > maxBodyBytes)
      throw new RequestError(307, 'TOO_MANY_BYTES', 413, `The body is over ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
