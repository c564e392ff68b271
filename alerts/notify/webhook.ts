import { postJson, type Receiver } from './receiver.ts';

/** Any endpoint that takes Alertmanager's webhook, version 4. */
export function createWebhookReceiver({ url, timeoutMs = 5_000 }: { url: string; timeoutMs?: number }): Receiver {
  return {
    name: 'webhook',
    send: (payload, idempotencyKey) =>
      postJson({ url, body: payload, headers: { 'idempotency-key': idempotencyKey }, timeoutMs }),
  };
}
