import { z } from 'zod';
import { readCaller } from '#services/kit/caller';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { looksLikeCardNumber } from '#services/payments/contract';
import { answerChallenge, type CheckoutDeps, checkout } from './checkout.ts';
import {
  checkoutRequestSchema,
  type Order,
  orderChallengeSchema,
  orderContactSchema,
  orderListSchema,
  orderSchema,
  shortageProblemSchema,
  staffRoutes,
} from './contract.ts';
import { addOperations } from './operations.ts';
import { readOrder } from './projection.ts';
import type { Rebuilds } from './rebuild/rebuild.ts';
import { searchOrders } from './search.ts';
import { addStaffRoutes } from './staff.ts';
import { loadOrder } from './store.ts';

const keyHeader = z.object({
  'idempotency-key': z.string().min(8).max(128).meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c12' }),
});

/** Adds the routes of orders to a server. */
export function addRoutes(app: Server, deps: CheckoutDeps & { rebuilds: Pick<Rebuilds, 'wake'> }): void {
  refuseCardNumbers(app);
  app.post(
    '/checkouts',
    {
      schema: {
        operationId: 'checkout',
        summary: 'Buy what is in a cart',
        description:
          'Asked again with the same idempotency key: the same answer, one order, one charge. 202: the bank asks its customer.',
        tags: ['orders'],
        headers: keyHeader,
        body: checkoutRequestSchema,
        response: {
          201: orderSchema,
          202: orderSchema,
          400: problemSchema,
          402: problemSchema,
          409: z.union([shortageProblemSchema, problemSchema]),
          422: problemSchema,
          502: problemSchema,
        },
      },
    },
    async (request, reply) => {
      const caller = readCaller(request.headers);
      const idempotencyKey = request.headers['idempotency-key'];
      const order = await checkout(deps, { request: request.body, idempotencyKey, caller });
      return reply.code(order.status === 'payment_challenged' ? 202 : 201).send(order);
    },
  );
  addChallenge(app, deps);
  addReading(app, deps);
  addStaffRoutes(app, deps.db, deps.ports);
  addOperations(app, deps);
}

function addChallenge(app: Server, deps: CheckoutDeps): void {
  app.post(
    '/orders/:id/challenge',
    {
      schema: {
        operationId: 'answerChallenge',
        summary: 'What the customer says to the question of their bank',
        description: 'Of their own orders only. Harmless when repeated: the first answer counts.',
        tags: ['orders'],
        params: z.object({ id: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) }),
        body: orderChallengeSchema,
        response: {
          ...{ 200: orderSchema, 400: problemSchema, 402: problemSchema },
          ...{ 404: problemSchema, 409: problemSchema, 502: problemSchema },
        },
      },
    },
    async (request) => {
      await ownOrder(deps.db, request);
      return answerChallenge(deps, request.params.id, request.body.answer);
    },
  );
}

/** @throws DomainError 404 for an order that is not there, or is somebody else's */
async function ownOrder(
  db: CheckoutDeps['db'],
  { params, headers }: { params: { id: string }; headers: Record<string, string | string[] | undefined> },
): Promise<Order> {
  const { sessionId, userId } = readCaller(headers);
  const order = await readOrder(db, { orderId: params.id, sessionId, userId });
  if (order === undefined) throw new DomainError('unknown_order', 404, 'There is no such order.');
  return order;
}

function addReading(app: Server, deps: Pick<CheckoutDeps, 'db'>): void {
  app.get(
    '/users/:userId/orders',
    {
      schema: {
        operationId: 'listOrders',
        summary: 'The newest orders of a user',
        tags: ['orders'],
        params: z.object({ userId: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) }),
        response: { 200: orderListSchema, 400: problemSchema },
      },
    },
    async ({ params: { userId } }) => searchOrders(deps.db, { userId, limit: 50 }),
  );
  app.get(
    '/orders/:id/contact',
    {
      schema: {
        operationId: 'readContact',
        summary: 'Where the customer is reached',
        description: 'For services; the gateway has no way here.',
        tags: ['orders'],
        params: z.object({ id: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) }),
        response: { 200: orderContactSchema, 400: problemSchema, 404: problemSchema },
      },
    },
    async (request) => {
      const state = await loadOrder(deps.db, request.params.id);
      if (state === undefined) throw new DomainError('unknown_order', 404, 'There is no such order.');
      const { email, userId } = state.placed;
      return { email, userId: userId ?? null };
    },
  );
  const { read } = staffRoutes;
  const description = 'To a session or user, only their own orders are there.';
  app.get(
    read.path,
    { schema: { operationId: 'readOrder', description, tags: ['orders'], ...read.schema } },
    (request) => ownOrder(deps.db, request),
  );
}

/** Before validation, whose messages might repeat what they refuse; and before anything is written down. */
function refuseCardNumbers(app: Server): void {
  app.addHook('preValidation', async (request) => {
    if (typeof request.body !== 'object' || request.body === null) return;
    const { cartId: _cartId, ...rest } = request.body as Record<string, unknown>;
    if (Object.values(rest).map(String).some(looksLikeCardNumber)) {
      throw new DomainError('card_number_refused', 422, 'Send a payment token, never a card number.');
    }
  });
}
