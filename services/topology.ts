/** The one table of the shop: who exists, who calls whom, who publishes what. Ports are in `process/addresses.ts`. */
export type ServiceName =
  | 'gateway'
  | 'users'
  | 'catalog'
  | 'cart'
  | 'orders'
  | 'payments'
  | 'inventory'
  | 'search'
  | 'reviews'
  | 'recommendations'
  | 'analytics'
  | 'notifications'
  | 'admin'
  | 'storefront';

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
    calls: ['users', 'catalog', 'cart', 'orders', 'inventory', 'search', 'reviews', 'recommendations', 'notifications'],
    database: false,
    publishes: [],
    consumes: [],
  },
  users: { calls: [], database: true, publishes: ['user.registered', 'user.deleted'], consumes: [] },
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
    consumes: ['order.confirmed', 'product.changed'],
  },
  orders: {
    calls: ['cart', 'inventory', 'payments'],
    database: true,
    publishes: ['order.placed', 'order.confirmed', 'order.cancelled', 'order.refunded'],
    consumes: [],
  },
  payments: {
    calls: [],
    database: true,
    publishes: [
      ...(['payment.authorised', 'payment.declined', 'payment.captured', 'payment.voided'] as const),
      ...(['payment.refunded', 'payment.charged_back'] as const),
    ],
    consumes: [],
  },
  inventory: {
    calls: [],
    database: true,
    publishes: ['stock.reserved', 'stock.released', 'stock.low'],
    consumes: [],
  },
  search: { calls: ['catalog'], database: true, publishes: ['search.performed'], consumes: ['product.changed'] },
  reviews: { calls: ['orders'], database: true, publishes: ['review.posted'], consumes: [] },
  recommendations: { calls: ['catalog'], database: true, publishes: [], consumes: ['order.confirmed'] },
  analytics: {
    calls: [],
    database: true,
    publishes: [],
    consumes: [
      'search.performed',
      'product.viewed',
      'cart.updated',
      'order.placed',
      'order.cancelled',
      'order.confirmed',
      'order.refunded',
    ],
  },
  notifications: {
    calls: ['orders', 'users'],
    database: true,
    publishes: ['notification.sent'],
    consumes: ['order.confirmed', 'order.cancelled', 'payment.refunded', 'user.registered', 'user.deleted'],
  },
  admin: {
    calls: ['catalog', 'inventory', 'orders', 'reviews'],
    database: true,
    publishes: ['flag.changed'],
    consumes: [],
  },
  storefront: { calls: ['gateway'], database: false, publishes: [], consumes: [] },
};

export const serviceNames = Object.keys(topology) as ServiceName[];

/** The smaller shop: what it takes to browse and to buy. */
export const coreServices: readonly ServiceName[] = ['gateway', 'catalog', 'cart', 'orders', 'payments', 'inventory'];
