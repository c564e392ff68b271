import type { Prepared, TryOutAnswer } from '#app/_openapi/try-it.ts';
import { type AppEnv, isLoopback } from '#app/env.ts';

const patienceMs = 10_000;
const mostBytes = 256 * 1024;
const shownHeaders = [
  'content-type',
  'etag',
  'location',
  'retry-after',
  'www-authenticate',
  'x-request-id',
  'cache-control',
];

/** Whether requests may be sent to services from the console: in a demo that nobody but this machine reaches. */
export function mayTryOut(env: Pick<AppEnv, 'BELLWETHER_HOST' | 'CHAOS_ENABLED'>): boolean {
  return isLoopback(env) && env.CHAOS_ENABLED;
}

/**
 * Sends a prepared request. It follows no redirect, which could lead anywhere, carries nothing of the console's caller, and
 * reads a quarter of a MiB at most.
 * @throws when the service does not answer within ten seconds
 */
export async function sendPrepared({ url, method, headers, body }: Prepared & { ok: true }): Promise<TryOutAnswer> {
  const begun = performance.now();
  const response = await fetch(url, {
    method,
    headers,
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
  });
  const { text, truncated } = await readSome(response);
  return {
    status: response.status,
    headers: shownHeaders.flatMap((name): [string, string][] => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
    body: prettify(text),
    truncated,
    durationMs: performance.now() - begun,
  };
}

async function readSome(response: Response): Promise<{ text: string; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= mostBytes) break;
  }
  return { text: Buffer.concat(chunks).subarray(0, mostBytes).toString('utf8'), truncated: size >= mostBytes };
}

function prettify(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
