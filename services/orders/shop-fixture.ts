import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { findFreePorts } from '#cli/embedded/free-port';
import { startTestPostgres } from '#cli/embedded/test-postgres';
import type { Cart } from '#services/cart/contract';

/** What to do with a call of orders: before it reaches the other side, or after that has acted but not yet answered. */
export type Rule = { call: RegExp; when: 'before' | 'after'; action: 'kill' | 'cut'; times: number };

export type Shop = {
  ordersUrl: string;
  carts: Map<string, Cart>;
  /** Applies to the next calls, in order. */
  rules: Rule[];
  killOrders: () => void;
  /** Starts orders again once it has been killed. */
  restartOrders: () => Promise<void>;
  query: (database: 'orders' | 'payments' | 'inventory', sql: string) => Promise<Record<string, unknown>[]>;
  busUrl: string;
  ordersDatabaseUrl: string;
  stop: () => Promise<void>;
};

const host = '127.0.0.1';

/**
 * Orders, payments and inventory as the processes that they are, on a real PostgreSQL, with a cart that says what the
 * test wants. Between orders and the others sits a proxy that can cut a call off or kill orders in the middle of it.
 */
export async function startShop(): Promise<Shop> {
  const postgres = await startTestPostgres({ databases: ['orders', 'payments', 'inventory', 'bus'] });
  const busUrl = postgres.url('bus');
  const children = new Map<string, ChildProcess>();
  const rules: Rule[] = [];
  const carts = new Map<string, Cart>();
  const [orders = 0, payments = 0, inventory = 0, acquirerPort = 0] = await findFreePorts(4);
  const ports = { orders, payments, inventory };

  async function run(name: 'orders' | 'payments' | 'inventory', port: number, extra: object): Promise<void> {
    const variable = `${name.toUpperCase()}_PORT`;
    const env = {
      ...inherited(),
      DATABASE_URL: postgres.url(name),
      BUS_URL: busUrl,
      [variable]: String(port),
      ...extra,
    };
    const child = spawn(process.execPath, [`services/${name}/main.ts`], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.set(name, child);
    await untilReady(child, `http://${host}:${port}/readyz`);
  }

  const killOrders = (): void => void children.get('orders')?.kill('SIGKILL');
  const inventoryProxy = await listenOn(proxyTo(ports.inventory, rules, killOrders));
  const paymentsProxy = await listenOn(proxyTo(ports.payments, rules, killOrders));
  const cart = await listenOn(createServer((request, response) => answerCart(carts, request, response)));
  const startOrders = (): Promise<void> =>
    run('orders', ports.orders, {
      CART_URL: cart.url,
      INVENTORY_URL: inventoryProxy.url,
      PAYMENTS_URL: paymentsProxy.url,
      ORDERS_LEASE_MS: '2000',
      ORDERS_LAST_ATTEMPT: '3',
      ORDERS_CHALLENGE_MS: '15000',
      // The machine may be busy with other tests.
      ORDERS_CHECKOUT_MS: '30000',
    });
  const acquirer = {
    ...{ ACQUIRER_PORT: String(acquirerPort), ACQUIRER_URL: `http://${host}:${acquirerPort}` },
    ACQUIRER_WEBHOOK_URL: `http://${host}:${ports.payments}/webhooks/acquirer`,
    ACQUIRER_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...children.values()].map((child) => endChild(child, 'SIGTERM')));
    for (const { server } of [inventoryProxy, paymentsProxy, cart]) server.closeAllConnections();
    for (const { server } of [inventoryProxy, paymentsProxy, cart]) server.close();
    await postgres.stop();
  };
  try {
    await Promise.all([run('inventory', ports.inventory, {}), run('payments', ports.payments, acquirer)]);
    await startOrders();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    killOrders,
    ordersUrl: `http://${host}:${ports.orders}`,
    busUrl,
    ordersDatabaseUrl: postgres.url('orders'),
    carts,
    rules,
    restartOrders: async () => {
      await untilEnded(children.get('orders'));
      await startOrders();
    },
    query: (database, sql) => runQuery(postgres.url(database), sql),
    stop,
  };
}

/** Nothing of the machine's own settings but what a program needs to run. */
function inherited(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', TZ: 'UTC', NODE_ENV: 'test' };
}

async function runQuery(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function proxyTo(port: number, rules: Rule[], kill: () => void): Server {
  return createServer((request, response) => {
    void pass({ port, rules, kill }, request, response).catch(() => response.destroy());
  });
}

async function pass(
  { port, rules, kill }: { port: number; rules: Rule[]; kill: () => void },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const rule = takeRule(rules, `${request.method} ${request.url}`);
  const interfere = (): void => {
    if (rule?.action === 'kill') kill();
    response.destroy();
  };
  if (rule?.when === 'before') return interfere();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  const answer = await fetch(`http://${host}:${port}${request.url}`, {
    method: request.method,
    headers: headers as Record<string, string>,
    body: chunks.length === 0 ? undefined : Buffer.concat(chunks),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  if (rule?.when === 'after') return interfere();
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
}

function takeRule(rules: Rule[], call: string): Rule | undefined {
  const rule = rules.find((one) => one.times > 0 && one.call.test(call));
  if (rule !== undefined) rule.times -= 1;
  return rule;
}

function answerCart(carts: Map<string, Cart>, request: IncomingMessage, response: ServerResponse): void {
  const cart = carts.get((request.url ?? '').split('/').at(-1) ?? '');
  response.writeHead(cart === undefined ? 500 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(cart ?? {}));
}

async function listenOn(server: Server): Promise<{ server: Server; url: string }> {
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return { server, url: `http://${host}:${address.port}` };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (hasEnded(child)) throw new Error(`${url}: the process has ended`);
    const ready = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    await delay(50);
  }
}

async function endChild(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  child?.kill(signal);
  await untilEnded(child);
}

async function untilEnded(child: ChildProcess | undefined): Promise<void> {
  if (child !== undefined && !hasEnded(child)) await once(child, 'exit');
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
