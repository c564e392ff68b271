import { Client } from 'pg';
import type { Readiness } from './spec.ts';

const timeoutMs = 3_000;

/** Asks a process once whether it is ready; any failure is a no. */
export async function probe(readiness: Readiness): Promise<boolean> {
  if (readiness.kind === 'http') return probeHttp(readiness.url);
  if (readiness.kind === 'postgres') return probePostgres(readiness.url);
  return false;
}

async function probeHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function probePostgres(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
