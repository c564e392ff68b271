import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createDatabase } from '#services/kit/database';
import { openTestService, type TestService } from '#services/kit/test-service';
import { eventAfter, placeTestOrder } from '../log-fixture.ts';
import { manifest } from '../manifest.ts';
import { foldOrder, type OrderState } from '../order.ts';
import { projectOrder, readOrder } from '../projection.ts';
import { type OrdersDatabase, ordersMigrations } from '../schema.ts';
import { searchOrders } from '../search.ts';
import { appendToOrder, loadOrder, readLogs } from '../store.ts';
import { type RebuildOptions, type Rebuilds, readRebuild, requestRebuild, startRebuilds } from './rebuild.ts';

let service: TestService<OrdersDatabase>;
let db: TestService<OrdersDatabase>['db'];
const started: { stop: () => Promise<unknown> }[] = [];

beforeAll(async () => {
  service = await openTestService<OrdersDatabase>({ manifest, migrations: ordersMigrations });
  db = createDatabase<OrdersDatabase>({
    ...{ url: service.postgres.url('orders'), name: 'orders', logger: service.logger, maxConnections: 10 },
  });
}, 60_000);

beforeEach(async () => {
  for (let n = 0; n < 60; n += 1) await goOn(await placeTestOrder(db), n % 12);
});

afterEach(async () => {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
});

afterAll(async () => {
  await db.destroy();
  await service.stop();
}, 30_000);

function start(changes: Partial<RebuildOptions> = {}): Rebuilds {
  const options = { db, logger: service.logger, now: () => new Date(), intervalMs: 20, batchSize: 5 };
  const rebuilds = startRebuilds({ ...options, ...changes });
  started.push(rebuilds);
  return rebuilds;
}

async function goOn(start: OrderState, steps: number): Promise<OrderState> {
  let state = start;
  for (let n = 0; n < steps; n += 1) {
    const event = eventAfter(state, state.version + n);
    if (event !== undefined) state = await appendToOrder(db, state, [event], { now: new Date() });
  }
  return state;
}

const request = () => requestRebuild(db, { by: 'grace', now: new Date() });
const until = (expected: object) =>
  vi.waitFor(async () => expect(await readRebuild(db)).toMatchObject(expected), { timeout: 60_000, interval: 20 });

/** What the logs say there is, and what is shown. */
async function compare() {
  const streams = await db.selectFrom('order_events').select('stream').where('version', '=', 1).execute();
  const logs = await readLogs(
    db,
    streams.map(({ stream }) => stream),
  );
  const parse = ({ lines, cancel_reason: reason, ...row }: ReturnType<typeof projectOrder>) => ({
    ...row,
    lines: JSON.parse(lines),
    cancel_reason: typeof reason === 'string' ? JSON.parse(reason) : null,
  });
  const said = [...logs].map(([orderId, log]) => parse(projectOrder(foldOrder(orderId, log))));
  const shown = await db.selectFrom('orders').selectAll().execute();
  const byId = (one: { order_id: string }, other: { order_id: string }) => one.order_id.localeCompare(other.order_id);
  return { said: said.sort(byId), shown: shown.sort(byId) };
}

/** Rows that are gone, wrong, ahead of their log, or of nothing. */
async function damage(): Promise<void> {
  await sql`DELETE FROM orders WHERE order_id IN (SELECT order_id FROM orders ORDER BY order_id LIMIT 15)`.execute(db);
  await sql`UPDATE orders SET total_minor = 1, version = version + 100, status = 'refunded' WHERE order_id IN
    (SELECT order_id FROM orders ORDER BY order_id DESC LIMIT 15)`.execute(db);
  const ghost = { order_id: randomUUID(), version: 3, status: 'confirmed', currency: 'EUR', lines: '[]' } as const;
  const times = { placed_at: new Date(), updated_at: new Date(), challenge_until: null, cancel_reason: null };
  const nobody = { session_id: null, user_id: null, total_minor: 1, refunded_minor: 0 };
  await db
    .insertInto('orders')
    .values({ ...ghost, ...times, ...nobody })
    .execute();
}

/** Does something again and again until told to stop; what it throws, the end throws. */
function keep(act: () => Promise<unknown>): () => Promise<number> {
  let going = true;
  let times = 0;
  const loop = (async () => {
    for (; going; times += 1) await act();
    return times;
  })();
  // Told by `stop`.
  loop.catch(() => undefined);
  const stop = (): Promise<number> => {
    going = false;
    return loop;
  };
  started.push({ stop: () => stop().catch(() => 0) });
  return stop;
}

it('the projection is right again after it was damaged, while orders go on and are read all the while', async () => {
  const indexes = () => sql`SELECT indexname FROM pg_indexes WHERE tablename = 'orders' ORDER BY 1`.execute(db);
  const { rows: before } = await indexes();
  await damage();
  const known = await placeTestOrder(db);
  expect((await compare()).shown).not.toEqual((await compare()).said);
  const states: OrderState[] = [];
  const writing = [0, 1, 2].map((writer) =>
    keep(async () => {
      states.push(await goOn(await placeTestOrder(db), 4));
      const old = states[Math.floor(states.length / 2)];
      // One writer at a time goes on with an order of an earlier round.
      const now = writer === 0 && old !== undefined ? await loadOrder(db, old.orderId) : undefined;
      if (now !== undefined) await goOn(now, 1);
    }),
  );
  const damaged = await sql<{ order_id: string }>`SELECT order_id FROM orders WHERE version > 100`.execute(db);
  const goingOn = keep(async () => {
    for (const { order_id: id } of damaged.rows) {
      const state = await loadOrder(db, id);
      if (state !== undefined) await goOn(state, 1);
    }
  });
  const reading = keep(async () => {
    const everyone = { orderId: known.orderId, sessionId: null, userId: null };
    expect(await readOrder(db, everyone)).toMatchObject({ orderId: known.orderId, totalMinor: 5_000 });
    expect((await searchOrders(db, { limit: 40 })).items).toHaveLength(40);
  });
  await request();
  start();
  await until({ state: 'done', by: 'grace', reason: null });
  await delay(50);
  expect(await reading()).toBeGreaterThan(3);
  for (const stop of [...writing, goingOn]) expect(await stop()).toBeGreaterThan(0);
  const { said, shown } = await compare();
  expect(shown).toEqual(said);
  expect((await indexes()).rows).toEqual(before);
  const left = await sql`SELECT relname FROM pg_class WHERE relname LIKE 'orders_next%' OR relname LIKE 'orders_before%'
    UNION SELECT proname FROM pg_proc WHERE proname = 'write_to_orders_next'`.execute(db);
  expect(left.rows).toEqual([]);
});

it('is made by one process at a time, and anew by the next when that one is killed in the middle', async () => {
  await damage();
  await request();
  await expect(request()).rejects.toMatchObject({ code: 'rebuild_running', status: 409 });
  const holder = service.db.connection().execute(async (held) => {
    await sql`BEGIN`.execute(held);
    await sql`SELECT FROM projection_rebuilds WHERE state = 'running' FOR UPDATE`.execute(held);
    start();
    start();
    // Stands still after its first batch, where it would note how far it is.
    const pid = await vi.waitFor(async () => {
      const { rows } = await sql<{ pid: number }>`
        SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.objid = 7302 AND a.wait_event_type = 'Lock'`.execute(held);
      expect(rows).toHaveLength(1);
      return rows[0]?.pid;
    }, 30_000);
    const half = await sql<{ n: number }>`SELECT count(*)::int AS n FROM orders_next`.execute(held);
    expect(half.rows[0]?.n).toBe(5);
    await goOn(await placeTestOrder(db), 3);
    await sql`SELECT pg_terminate_backend(${pid}::int)`.execute(held);
    await sql`COMMIT`.execute(held);
  });
  await holder;
  await until({ state: 'done' });
  const { said, shown } = await compare();
  expect(shown).toEqual(said);
});

it('that cannot be finished says of which order, and leaves everything as it was', async () => {
  const orderId = randomUUID();
  const event = { stream: orderId, version: 1, type: 'confirmed', data: '{}', at: new Date() };
  await db.insertInto('order_events').values(event).execute();
  const { shown } = await compare().catch(async () => ({ shown: await db.selectFrom('orders').selectAll().execute() }));
  await request();
  start();
  await until({ state: 'failed', reason: `order ${orderId} does not begin with placed` });
  expect(await db.selectFrom('orders').selectAll().execute()).toHaveLength(shown.length);
  await goOn(await placeTestOrder(db), 3);
});
