import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { verifyWebhook, webhookHeaders } from '#services/kit/webhook';
import type { PaymentsDeps } from './app.ts';
import { type Notice, noticeSchema } from './contract.ts';
import { bookChargeback } from './refunds.ts';
import type { PaymentsDatabase } from './schema.ts';
import { moveIn, nobody } from './store.ts';

const raw = new WeakMap<object, string>();

const understoodSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('charge.settled'), timestamp: z.coerce.date(), data: z.object({ key: z.string() }) }),
  z.object({ type: z.literal('dispute.opened'), data: z.object({ key: z.string() }) }),
  z.object({
    type: z.literal('dispute.closed'),
    // Of one that was lost: what was taken back.
    data: z.object({ key: z.string(), outcome: z.enum(['won', 'lost']), amountMinor: z.number().int().min(0) }),
  }),
]);
type Understood = z.infer<typeof understoodSchema>;

/** Adds the route by which the acquirer tells us what happened since: signed, in any order, as often as it likes. */
export function addWebhookRoute(app: Server, { db, now, onEvents, webhookSecret }: PaymentsDeps): void {
  app.register(async (scope: Server) => {
    // The signature is of the body as it came.
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      raw.set(request, String(body));
      scope.getDefaultJsonParser('error', 'error')(request, String(body), done);
    });
    scope.addHook('preValidation', async (request) => {
      const options = { secret: webhookSecret, nowMs: now().getTime() };
      const verified = verifyWebhook(request.headers, raw.get(request) ?? '', options);
      if (!verified.ok)
        throw new DomainError(verified.reason, 401, 'This message is not known to be from the acquirer.');
    });
    scope.post(
      '/webhooks/acquirer',
      {
        schema: {
          operationId: 'receiveWebhook',
          tags: ['acquirer'],
          summary: 'What the acquirer has to tell',
          description:
            'By the Standard Webhooks specification. What is not understood is kept, and accepted all the same.',
          body: noticeSchema,
          response: { 204: z.null(), 400: problemSchema, 401: problemSchema },
        },
      },
      async ({ headers, body }, reply) => {
        await receive(db, { id: String(headers[webhookHeaders.id]), notice: body, now: now() });
        onEvents();
        return reply.code(204).send(null);
      },
    );
  });
}

/** Keeps a message and does what it says, once by its id. */
async function receive(
  db: Kysely<PaymentsDatabase>,
  { id, notice, now }: { id: string; notice: Notice; now: Date },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const kept = {
      webhook_id: id,
      type: notice.type,
      body: JSON.stringify(notice),
      understood: false,
      received_at: now,
    };
    const isNew = await trx
      .insertInto('webhooks')
      .values(kept)
      .onConflict((conflict) => conflict.column('webhook_id').doNothing())
      .returning('webhook_id')
      .executeTakeFirst();
    const parsed = understoodSchema.safeParse(notice);
    if (isNew === undefined || !parsed.success || !(await apply(trx, parsed.data, now))) return;
    await trx.updateTable('webhooks').set({ understood: true }).where('webhook_id', '=', id).execute();
  });
}

/** What arrives late changes nothing that is further already. @returns whether there is such a payment */
async function apply(trx: Transaction<PaymentsDatabase>, notice: Understood, now: Date): Promise<boolean> {
  const { key } = notice.data;
  // What is settled, or taken back, was taken, even if we never heard the answer.
  if (notice.type === 'charge.settled' || notice.type === 'dispute.closed') {
    await moveIn(trx, key, { to: 'captured' }, { now, caller: nobody });
  }
  if (notice.type === 'dispute.closed' && notice.data.outcome === 'lost') {
    await bookChargeback(trx, { paymentId: key, amountMinor: notice.data.amountMinor }, { now, caller: nobody });
  }
  const changed = await trx
    .updateTable('payments')
    .set((eb) => {
      if (notice.type === 'charge.settled')
        return { settled_at: eb.fn.coalesce('settled_at', eb.val(notice.timestamp)) };
      if (notice.type === 'dispute.closed') return { dispute: notice.data.outcome };
      return { dispute: eb.fn.coalesce('dispute', eb.val('open' as const)) };
    })
    .where('payment_id', '=', key)
    .executeTakeFirst();
  return changed.numUpdatedRows === 1n;
}
