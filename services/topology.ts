/** The one table of the shop: who exists, who calls whom, who publishes what. Ports are in `process/addresses.ts`. */
export type ServiceName = 'gateway' | 'catalog' | 'cart' | 'orders' | 'payments' | 'inventory';

export type ServiceEntry = {
  /** Services that it calls over HTTP. */
  calls: readonly ServiceName[];
  /** True when it owns a database (and a role) of its own name. */
  database: boolean;
  /** CloudEvents types that it publishes through its outbox. */
  publishes: readonly string[];
  /** CloudEvents types that it consumes from the bus. */
  consumes: readonly string[];
};

export const topology: Record<ServiceName, ServiceEntry> = {
  gateway: {
    calls: ['catalog', 'cart', 'orders', 'inventory'],
    database: false,
    publishes: [],
    consumes: [],
  },
  catalog: {
    calls: [],
    database: true,
    publishes: ['product.viewed', 'product.changed'],
    consumes: ['product.changed'],
  },
  cart: {
    calls: ['catalog'],
    database: true,
    publishes: ['cart.updated', 'cart.checked_out'],
    consumes: ['order.confirmed'],
  },
  orders: {
    calls: ['cart', 'inventory', 'payments'],
    database: true,
    publishes: ['order.placed', 'order.confirmed', 'order.cancelled'],
    consumes: [],
  },
  payments: {
    calls: [],
    database: true,
    publishes: ['payment.authorised', 'payment.declined', 'payment.refunded'],
    consumes: [],
  },
  inventory: {
    calls: [],
    database: true,
    publishes: ['stock.reserved', 'stock.released', 'stock.low'],
    consumes: [],
  },
};

export const serviceNames = Object.keys(topology) as ServiceName[];
