import type { Kysely } from 'kysely';
import { z } from 'zod';
import { readCaller } from '#services/kit/caller';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import {
  outOfStockProblemSchema,
  type Reservation,
  reservationRequestSchema,
  reservationSchema,
  skuSchema,
  stockCountSchema,
  stockSchema,
} from './contract.ts';
import type { InventoryDatabase } from './schema.ts';
import { commitReservation, releaseReservation } from './settle.ts';
import { loadReservation, type ReserveResult, readStock, reserve, setStock } from './store.ts';

export type InventoryDeps = {
  db: Kysely<InventoryDatabase>;
  now: () => Date;
  holdSeconds: number;
  /** Called after a change that published something. */
  onEvents: () => void;
};

const orderParams = z.object({ orderId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }) });

/** Adds the routes of inventory to a server. */
export function addRoutes(app: Server, deps: InventoryDeps): void {
  addStockRoute(app, deps);
  addCountRoute(app, deps);
  addReserveRoute(app, deps);
  addSettleRoutes(app, deps);
}

function addStockRoute(app: Server, { db }: InventoryDeps): void {
  app.get(
    '/stock/:sku',
    {
      schema: {
        operationId: 'readStock',
        tags: ['stock'],
        summary: 'Pieces of a SKU that can still be bought',
        params: z.object({ sku: skuSchema }),
        response: { 200: stockSchema, 400: problemSchema },
      },
    },
    async (request) => {
      return readStock(db, request.params.sku);
    },
  );
}

function addCountRoute(app: Server, { db }: InventoryDeps): void {
  app.put(
    '/stock/:sku',
    {
      schema: {
        operationId: 'setStock',
        tags: ['stock'],
        summary: 'What a count of the shelf found',
        params: z.object({ sku: skuSchema }),
        body: stockCountSchema,
        response: { 200: stockSchema, 400: problemSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const stock = await setStock(db, request.params.sku, request.body.onHand);
      if (stock !== null) return stock;
      throw new DomainError('reserved', 409, 'More pieces than that are reserved for customers.');
    },
  );
}

function addReserveRoute(app: Server, { db, now, holdSeconds, onEvents }: InventoryDeps): void {
  app.post(
    '/reservations',
    {
      schema: {
        operationId: 'reserve',
        tags: ['stock'],
        summary: 'Hold all lines of an order, or none',
        description: 'Asked again for the same order: the same reservation.',
        body: reservationRequestSchema,
        response: {
          201: reservationSchema,
          400: problemSchema,
          409: z.union([outOfStockProblemSchema, problemSchema]),
        },
      },
    },
    async (request, reply) => {
      const caller = readCaller(request.headers);
      const result = await reserve(db, request.body, { now: now(), holdSeconds, caller });
      const reservation = reservationOf(result);
      onEvents();
      return reply.code(201).send(reservation);
    },
  );
}

function addSettleRoutes(app: Server, { db, now, onEvents }: InventoryDeps): void {
  app.post(
    '/reservations/:orderId/commit',
    {
      schema: {
        operationId: 'commitReservation',
        tags: ['stock'],
        summary: 'The reserved pieces leave the house',
        params: orderParams,
        response: { 200: reservationSchema, 404: problemSchema, 409: problemSchema },
      },
    },
    async (request) => {
      const { orderId } = request.params;
      const status = await commitReservation(db, orderId);
      const reservation = await loadReservation(db, orderId);
      if (reservation === undefined) {
        throw new DomainError('unknown_reservation', 404, `Nothing is reserved for order ${orderId}.`);
      }
      if (status !== 'committed') {
        throw new DomainError('reservation_over', 409, `The reservation of order ${orderId} is ${status}.`, { status });
      }
      return reservation;
    },
  );
  app.delete(
    '/reservations/:orderId',
    {
      schema: {
        operationId: 'releaseReservation',
        tags: ['stock'],
        summary: 'Give the pieces of an order back',
        description: 'Harmless when repeated. A reservation of this order that arrives later is refused.',
        params: orderParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await releaseReservation(db, request.params.orderId, now());
      onEvents();
      return reply.code(204).send(null);
    },
  );
}

/** @throws DomainError for every result that is not a reservation */
function reservationOf(result: ReserveResult): Reservation {
  switch (result.kind) {
    case 'reserved':
      return result.reservation;
    case 'out_of_stock':
      throw new DomainError('out_of_stock', 409, 'There are not enough pieces left.', { left: result.left });
    case 'over':
      throw new DomainError('reservation_over', 409, `The reservation of this order is ${result.status}.`, {
        status: result.status,
      });
    case 'different_lines':
      throw new DomainError('reservation_differs', 409, 'This order has reserved other lines.');
  }
}
