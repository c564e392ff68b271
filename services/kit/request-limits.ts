import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { DomainError, problem, problemContentType } from './problem.ts';

/** What one request may cost before anybody has looked at it; sizes in bytes. */
export type RequestLimits = {
  body: number;
  url: number;
  /** Of all headers and the URL together. */
  headers: number;
  /** From the first byte to the last of the headers, and of the whole request. */
  headersMs: number;
  requestMs: number;
};

export const defaultLimits: RequestLimits = {
  body: 64 * 1024,
  url: 4 * 1024,
  headers: 16 * 1024,
  headersMs: 10_000,
  requestMs: 20_000,
};

/** How `limits` are told to Fastify, and to Node's server under it. */
export function limitOptions(limits: RequestLimits) {
  return {
    bodyLimit: limits.body,
    requestTimeout: limits.requestMs,
    http: {
      maxHeaderSize: limits.headers,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs / 2),
    },
    clientErrorHandler: refuseConnection,
  };
}

/** @throws DomainError 414 `uri_too_long` */
export function refuseLongUrl(url: string, limits: RequestLimits): void {
  if (Buffer.byteLength(url) <= limits.url) return;
  throw new DomainError('uri_too_long', 414, `The URL is longer than ${limits.url} bytes.`);
}

const refused = metrics.getMeter('http').createCounter('http.server.refused_connections', {
  description: 'Connections closed because what came was no request, or was too long or too slow in coming',
});

/** What the parser refuses, which no route and no hook sees. */
const refusals: Record<string, { status: number; code: string; detail: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers_too_large', detail: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', detail: 'The request took too long to arrive.' },
};
const malformed = { status: 400, code: 'bad_request', detail: 'What came is not a request of HTTP/1.1.' };

/** Says why before it closes; a client that is gone already hears nothing. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, detail } = refusals[error.code ?? ''] ?? malformed;
  refused.add(1, { reason: code });
  const body = JSON.stringify(problem({ code, status, detail }));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
