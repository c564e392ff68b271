import { readBody } from '../body.ts';
import type { Receiver, ReceiverContext } from '../receiver.ts';
import { asRefusal, Refusal } from '../refusal.ts';
import { readCloudEvents, toEventRow } from './cloud-event.ts';

/** `POST /v1/events`: CloudEvents over HTTP; 204 once they are stored. Errors are problem details (RFC 9457). */
export function createEventsReceiver(context: ReceiverContext): Receiver {
  return async (request, response) => {
    try {
      if (request.method !== 'POST') throw new Refusal('method', `${request.method} is not allowed here: use POST`);
      const body = await readBody(request, context.maxBodyBytes);
      context.reserve(body.length);
      try {
        context.intake.received('events', body.length);
        const rows = readCloudEvents(request.headers, body).map((event) => toEventRow(event, context.clock()));
        const decodedAtMs = performance.now();
        await context.store.appendEvents(rows);
        context.intake.accepted('events', rows.length, (performance.now() - decodedAtMs) / 1_000);
      } finally {
        context.release(body.length);
      }
      response.writeHead(204).end();
    } catch (error) {
      const refusal = asRefusal(error);
      context.intake.refused('events', refusal.reason);
      if (refusal.reason === 'internal') context.logger.error({ err: error, signal: 'events' }, 'request failed');
      else
        context.logger.warn({ signal: 'events', reason: refusal.reason, detail: refusal.message }, 'request refused');
      if (response.headersSent || response.destroyed) return;
      response
        .writeHead(refusal.status, { 'content-type': 'application/problem+json', ...refusal.headers(request) })
        .end(JSON.stringify({ status: refusal.status, code: refusal.reason, title: refusal.message }));
    }
  };
}
