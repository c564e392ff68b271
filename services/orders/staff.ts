import type { Kysely } from 'kysely';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { type Order, type OrderTrail, staffRoutes } from './contract.ts';
import type { OrderEvent, OrderState, RecordedEvent } from './order.ts';
import { viewOrder } from './projection.ts';
import { requestRefund } from './refund.ts';
import { ConcurrentAppendError, type SagaPorts } from './run-saga.ts';
import type { OrdersDatabase } from './schema.ts';
import { searchOrders } from './search.ts';
import { readEvents } from './store.ts';

type Ports = Pick<SagaPorts, 'load' | 'append'>;

export const description = 'For the back office; the gateway has no way here.';
const common = { description, tags: ['staff'] };

/** Adds the routes of the back office. */
export function addStaffRoutes(app: Server, db: Kysely<OrdersDatabase>, ports: Ports): void {
  const { search, readTrail } = staffRoutes;
  app.get(search.path, { schema: { operationId: 'searchOrders', ...common, ...search.schema } }, async ({ query }) =>
    searchOrders(db, query),
  );
  app.get(
    readTrail.path,
    { schema: { operationId: 'readTrail', ...common, ...readTrail.schema } },
    async ({ params: { id } }) => {
      const events = await readEvents(db, id);
      if (events.length === 0) throw new DomainError('unknown_order', 404, 'There is no such order.');
      return { items: events.map(toTrail) };
    },
  );
  addDeeds(app, ports);
}

function addDeeds(app: Server, ports: Ports): void {
  const { retry, resolve, refund } = staffRoutes;
  app.post(
    retry.path,
    { schema: { operationId: 'retryOrder', ...common, ...retry.schema } },
    async ({ params: { id }, body }) =>
      change(ports, id, (state) => setGoing(state, { type: 'retry_requested', data: body })),
  );
  app.post(
    resolve.path,
    { schema: { operationId: 'resolveOrder', ...common, ...resolve.schema } },
    async ({ params: { id }, body }) =>
      change(ports, id, (state) => setGoing(state, { type: 'resolved_by_hand', data: body })),
  );
  app.put(
    refund.path,
    { schema: { operationId: 'refundOrder', ...common, ...refund.schema } },
    async ({ params: { id, refundId }, body }) =>
      change(ports, id, (state) => requestRefund(state, { ...body, refundId })),
  );
}

/**
 * Appends what `decide` makes of the order as it is, if anything.
 * @throws DomainError 404 `unknown_order`, 409 `order_went_on`, and what `decide` throws
 */
async function change(
  { load, append }: Ports,
  orderId: string,
  decide: (state: OrderState) => OrderEvent | undefined,
): Promise<Order> {
  const state = await load(orderId);
  if (state === undefined) throw new DomainError('unknown_order', 404, 'There is no such order.');
  const event = decide(state);
  try {
    return viewOrder(event === undefined ? state : await append(state, [event]));
  } catch (error) {
    if (!(error instanceof ConcurrentAppendError)) throw error;
    throw new DomainError('order_went_on', 409, 'Somebody else was first: look at the order again.');
  }
}

/** @throws DomainError 409 `not_stuck` */
function setGoing({ needsHuman }: OrderState, event: OrderEvent): OrderEvent {
  if (needsHuman === null) throw new DomainError('not_stuck', 409, 'This order does not wait for a person.');
  return event;
}

/** What customers do; all else is done by the shop by itself, or by somebody of the staff, who is named in it. */
const byCustomer: ReadonlySet<OrderEvent['type']> = new Set(['placed', 'challenge_answered']);

function toTrail({ version, type, data, atMs }: RecordedEvent): OrderTrail['items'][number] {
  const {
    paymentToken: _token,
    challengeToken: _challenge,
    email: _email,
    by: name,
    ...rest
  } = data as Record<string, unknown>;
  const by = typeof name === 'string' ? name : null;
  const actor = by !== null ? 'staff' : byCustomer.has(type) ? 'customer' : 'shop';
  return { version, type, at: new Date(atMs).toISOString(), actor, by, data: rest };
}
