import { postJson, type Receiver } from './receiver.ts';

/** The console's own pager, the default receiver; accepted means that the page is stored. */
export function createConsoleReceiver({
  consoleUrl,
  token,
  timeoutMs = 5_000,
}: {
  consoleUrl: string;
  token: string;
  timeoutMs?: number;
}): Receiver {
  return {
    name: 'console',
    send: async (payload, idempotencyKey) => {
      const headers = { 'idempotency-key': idempotencyKey, authorization: `Bearer ${token}` };
      const outcome = await postJson({ url: `${consoleUrl}/api/pager`, body: payload, headers, timeoutMs });
      // The console is ours: a route that is not there yet, or a token not read yet, will be after its restart.
      return outcome.ok ? outcome : { ...outcome, retryable: true };
    },
  };
}
