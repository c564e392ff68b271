import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Kysely } from 'kysely';
import { findFreePort } from '#cli/embedded/free-port';
import { startTestPostgres } from '#cli/embedded/test-postgres';
import { createLogger, type Logger } from '#process/logger';
import { addRoutes as addCartRoutes } from '#services/cart/app';
import { type CartTables, migrations as cartMigrations } from '#services/cart/schema';
import { createCartStore } from '#services/cart/store';
import { addRoutes as addCatalogRoutes } from '#services/catalog/app';
import { createAssortment } from '#services/catalog/assortment';
import { type CatalogTables, migrations as catalogMigrations } from '#services/catalog/schema';
import { createCatalogStore } from '#services/catalog/store';
import { createCache } from '#services/kit/cache/cache';
import { createDatabase, type Migration, migrate } from '#services/kit/database';
import { type Client, createClient } from '#services/kit/fetch';
import { type Reader, readPrimaryOnly } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import { createTestServer } from '#services/kit/test-service';
import { addRoutes as addNotificationsRoutes } from '#services/notifications/app';
import { type NotificationsTables, migrations as notificationsMigrations } from '#services/notifications/schema';
import { addRoutes as addUsersRoutes } from '#services/users/app';
import { type UsersTables, migrations as usersMigrations } from '#services/users/schema';
import { createSigningKeys, type SigningKeys } from '#services/users/signing-keys';
import { addRoutes } from './app.ts';
import { createClientTokens } from './client-tokens.ts';
import { manifest } from './manifest.ts';
import { registerRateLimits } from './rate-limits.ts';
import { createResponseCache } from './response-cache.ts';
import { createSessions } from './session.ts';
import { followUserKeys } from './user-tokens.ts';
import { createVersions } from './versions.ts';

export const chaosToken = 'a token';

/** The address that third parties have the API under. */
export const issuer = 'http://shop.example';

const generous = { browse: 10_000, cart: 10_000, checkout: 10_000, account: 10_000 };

/** Nobody meets them, but a test that asks for it. */
export const limits = { client: { ...generous }, address: { ...generous } };

/** A gateway with real services behind it, but for orders, which answers what a test says, and those that are away. */
export type GatewayFixture = {
  app: Server;
  catalogDb: Kysely<CatalogTables>;
  usersDb: Kysely<UsersTables>;
  /** With which users signs. */
  keys: SigningKeys;
  catalogUrl: string;
  /** What orders answers; the real one has tests of its own. */
  answerOrders: (answer: RequestListener) => void;
  /** Moves the clock on. */
  pass: (ms: number) => void;
  newSession: () => Promise<{ authorization: string; sessionId: string }>;
  stop: () => Promise<void>;
};

export async function startGateway({ startMs = Date.UTC(2026, 0, 1) } = {}): Promise<GatewayFixture> {
  const logger = createLogger('gateway');
  logger.level = 'silent';
  let nowMs = startMs;
  const now = (): number => nowMs;
  const closing: (() => Promise<unknown>)[] = [];
  const postgres = await startTestPostgres({ databases: ['catalog', 'cart', 'users', 'notifications'] });

  async function open<Tables>(name: string, migrations: Record<string, Migration>): Promise<Kysely<Tables>> {
    const db = createDatabase<Tables>({ url: postgres.url(name), name, logger });
    closing.push(() => db.destroy());
    await migrate(db, migrations);
    return db;
  }

  async function serve(
    name: string,
    routes: (server: Server) => void | Promise<void>,
  ): Promise<{ server: Server; url: string }> {
    const server = await createTestServer({ ...manifest, name }, name === 'catalog' ? { chaosToken } : {});
    closing.push(() => server.close());
    await routes(server);
    return { server, url: await server.listen({ host: '127.0.0.1', port: 0 }) };
  }

  const catalogDb = await open<CatalogTables>('catalog', catalogMigrations);
  const store = createCatalogStore(catalogDb);
  await store.seed(createAssortment(), nowMs);
  const shared = { now, logger, changed: async () => {}, salesChanged: () => {} };
  const catalog = await serve('catalog', (server) =>
    addCatalogRoutes(server, { ...shared, store, fresh: store, ...onPrimary(catalogDb) }),
  );

  const cartDb = await open<CartTables>('cart', cartMigrations);
  const cart = await serve('cart', (server) =>
    addCartRoutes(server, {
      ...{ ...shared, db: cartDb, store: createCartStore(cartDb) },
      catalog: client('catalog', catalog.url),
    }),
  );

  const usersDb = await open<UsersTables>('users', usersMigrations);
  const keys = createSigningKeys({ db: usersDb, secret: 'another secret of at least thirty-two characters', now });
  const oauth = { issuer, cookieSecret: 'a third secret', logger };
  const users = await serve('users', (server) =>
    addUsersRoutes(server, { ...shared, ...onPrimary(usersDb), keys, oauth }),
  );

  const mailsDb = await open<NotificationsTables>('notifications', notificationsMigrations);
  const notifications = await serve('notifications', (server) =>
    addNotificationsRoutes(server, { db: mailsDb, now: () => new Date(now()), due: () => {} }),
  );

  let ordersAnswer: RequestListener = (_request, response) => response.end();
  const orders = createHttpServer((request, response) => ordersAnswer(request, response));
  const ordersUrl = await listen(orders);
  const behind = {
    ...{ catalog: catalog.url, cart: cart.url, orders: ordersUrl, users: users.url },
    notifications: notifications.url,
  };
  const { server: app } = await serve('gateway', (server) => addGateway(server, { behind, logger, now }));
  return {
    ...{ app, catalogDb, usersDb, keys, catalogUrl: catalog.url, newSession: () => newSession(app) },
    answerOrders: (answer) => {
      ordersAnswer = answer;
    },
    pass: (ms) => {
      nowMs += ms;
    },
    stop: async () => {
      orders.close();
      orders.closeAllConnections();
      for (const close of closing.reverse()) await close();
      await postgres.stop();
    },
  };
}

type Behind = Record<'catalog' | 'cart' | 'orders' | 'users' | 'notifications', string>;

async function addGateway(
  server: Server,
  { behind, logger, now }: { behind: Behind; logger: Logger; now: () => number },
): Promise<void> {
  const users = client('users', behind.users);
  const userKeys = followUserKeys(behind.users);
  const clientTokens = createClientTokens({ keys: userKeys, users, issuer, now });
  const secret = 'a secret of at least thirty-two characters';
  const sessions = createSessions({ secret, userKeys, clientTokens, now, ttlSeconds: 3_600 });
  const versions = createVersions({});
  const cache = createCache({ name: 'gateway', logger, maxEntries: 100, now });
  const absent = client('absent', `http://127.0.0.1:${await findFreePort()}`);
  await registerRateLimits(server, { limits, sessions, logger });
  addRoutes(server, {
    peers: {
      catalog: client('catalog', behind.catalog),
      cart: client('cart', behind.cart),
      orders: client('orders', behind.orders),
      notifications: client('notifications', behind.notifications),
      users,
      ...{ inventory: absent, search: absent, reviews: absent, recommendations: absent },
    },
    sessions,
    ...{ responses: createResponseCache(cache, versions), versions },
  });
}

function onPrimary<Tables>(db: Kysely<Tables>): { db: Kysely<Tables>; reader: Reader<Tables> } {
  return { db, reader: readPrimaryOnly(db) };
}

async function newSession(app: Server): Promise<{ authorization: string; sessionId: string }> {
  const { token, sessionId } = (await app.inject({ method: 'POST', url: '/api/session' })).json();
  return { authorization: `Bearer ${token}`, sessionId };
}

function client(peer: string, baseUrl: string): Client {
  return createClient({ peer, baseUrl, timeoutMs: 400, retries: 0 });
}

async function listen(server: HttpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
