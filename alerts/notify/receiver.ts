import type { WebhookPayload } from './payload.ts';

/** What became of one attempt. Not retryable: sending the same again would fail the same way. */
export type Outcome = { ok: true } | { ok: false; retryable: boolean; reason: string };

/** Sends one page; never throws. */
export type Receiver = {
  name: string;
  send: (payload: WebhookPayload, idempotencyKey: string) => Promise<Outcome>;
};

/** Posts JSON and says what became of it: 2xx is accepted; 408, 429, 5xx and silence are worth another try. */
export async function postJson({
  url,
  body,
  headers,
  timeoutMs,
}: {
  url: string;
  body: unknown;
  headers: Record<string, string>;
  timeoutMs: number;
}): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Bellwether', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    await response.body?.cancel();
    if (response.ok) return { ok: true };
    const retryable = response.status >= 500 || response.status === 429 || response.status === 408;
    return { ok: false, retryable, reason: `answered ${response.status}` };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error;
    return { ok: false, retryable: true, reason: String(cause) };
  }
}
