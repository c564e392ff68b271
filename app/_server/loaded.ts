/** A part of a page that was read, or why it could not be: one store away must not take the whole page with it. */
export type Loaded<T> = { ok: true; value: T } | { ok: false; reason: string };

const patienceMs = 5_000;

/** Awaits a read for five seconds and turns its failure into a reason that can be shown. */
export async function attempt<T>(read: Promise<T>): Promise<Loaded<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), patienceMs);
  });
  try {
    return { ok: true, value: await Promise.race([read, late]) };
  } catch (error) {
    return { ok: false, reason: explain(error) };
  } finally {
    clearTimeout(timer);
  }
}

function explain(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  if (/ECONNREFUSED|ECONNRESET|P1001|P1017|socket hang up|reach database/i.test(`${code} ${message}`)) {
    return 'it does not answer';
  }
  if (/timeout|timed out/i.test(`${code} ${message}`)) return 'it took too long to answer';
  return (message.trim().split('\n').at(-1) ?? '').slice(0, 200) || 'for an unknown reason';
}
