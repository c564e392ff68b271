import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { keepConnections } from '#services/kit/drain';
import type { PaymentsDatabase } from '../schema.ts';
import { bookCapture, bookChallenge, bookCharge, bookRefund, bookReversal } from './books.ts';
import { chargeDelayMs } from './decide.ts';
import { reportCharges } from './report.ts';

const chargeSchema = z.object({
  token: z.string().min(1),
  amountMinor: z.number().int().positive(),
  currency: z.string().length(3),
});

const challengeSchema = z.object({ token: z.string(), answer: z.enum(['approve', 'refuse']) });

const refundSchema = z.object({ amountMinor: z.number().int().positive() });

const reportQuerySchema = z.union([
  z.strictObject({ since: z.coerce.date(), until: z.coerce.date() }),
  z.strictObject({ keys: z.string().transform((keys) => keys.split(',')) }),
]);

export type AcquirerDeps = { db: Kysely<PaymentsDatabase>; now: () => Date; random: () => number };

/**
 * The simulated acquirer: another company's HTTP API that happens to live in this process. Its paths begin with an
 * underscore, which keeps it out of the telemetry: nobody sees inside a bank.
 */
export function buildAcquirer({ db, now, random }: AcquirerDeps): FastifyInstance {
  const app = fastify({ forceCloseConnections: 'idle' });
  keepConnections(app.server);
  app.put<{ Params: { key: string } }>('/_acquirer/charges/:key', async (request, reply) => {
    const parsed = chargeSchema.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: 'malformed' });
    await delay(chargeDelayMs(random));
    return bookCharge(db, { key: request.params.key, ...parsed.data }, now());
  });
  app.put<{ Params: { key: string } }>('/_acquirer/charges/:key/challenge', async (request, reply) => {
    const parsed = challengeSchema.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send({ error: 'malformed' });
    await delay(chargeDelayMs(random));
    const answer = await bookChallenge(db, { key: request.params.key, ...parsed.data }, now());
    return answer ?? reply.code(404).send({ error: 'no such challenge' });
  });
  app.put<{ Params: { key: string } }>('/_acquirer/charges/:key/capture', async (request) => {
    await delay(chargeDelayMs(random));
    return bookCapture(db, request.params.key, now());
  });
  app.put<{ Params: { key: string } }>('/_acquirer/charges/:key/reversal', async (request) => {
    await delay(chargeDelayMs(random));
    return bookReversal(db, request.params.key, now());
  });
  app.put<{ Params: { key: string; refundKey: string } }>(
    '/_acquirer/charges/:key/refunds/:refundKey',
    async (request, reply) => {
      const parsed = refundSchema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ error: 'malformed' });
      await delay(chargeDelayMs(random));
      return bookRefund(db, { ...request.params, ...parsed.data }, now());
    },
  );
  app.get('/_acquirer/settlement-report', async (request, reply) => {
    const parsed = reportQuerySchema.safeParse(request.query);
    return parsed.success
      ? { charges: await reportCharges(db, parsed.data) }
      : reply.code(400).send({ error: 'malformed' });
  });
  return app;
}
