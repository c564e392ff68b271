import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import { foldOrder } from '../order.ts';
import { fromExcluded, projectOrder } from '../projection.ts';
import type { OrdersDatabase } from '../schema.ts';
import { readLogs } from '../store.ts';

type Db = Kysely<OrdersDatabase>;
type Trx = Transaction<OrdersDatabase>;

/** Nobody waits longer than this behind a change of tables that itself waits for somebody. */
const lockTimeoutMs = 500;
const mostTries = 60;

/**
 * Puts an empty table beside `orders`, and a trigger by which whatever is written to the one is written to the other,
 * by whichever process and whichever version of this code. It waits for all who are writing: what they wrote is in the
 * logs that are read from now on, and what is written from now on is in both tables.
 */
export async function putNextTable(db: Db): Promise<void> {
  const columns = await listColumns(db, 'orders');
  const names = sql.join(columns.map((name) => sql.ref(name)));
  const values = sql.join(columns.map((name) => sql.raw(`NEW."${name}"`)));
  const updates = sql.join(columns.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`));
  await inShortTransaction(db, async (trx) => {
    await dropNext(trx);
    await sql`CREATE TABLE orders_next (LIKE orders INCLUDING ALL)`.execute(trx);
    await sql`
      CREATE FUNCTION write_to_orders_next() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO orders_next (${names}) VALUES (${values})
          ON CONFLICT (order_id) DO UPDATE SET ${updates} WHERE orders_next.version <= excluded.version;
        RETURN NULL;
      END $$`.execute(trx);
    await sql`
      CREATE TRIGGER orders_to_next AFTER INSERT OR UPDATE ON orders
        FOR EACH ROW EXECUTE FUNCTION write_to_orders_next()`.execute(trx);
  });
}

/** Takes it away again. */
export function removeNextTable(db: Db): Promise<void> {
  return inShortTransaction(db, dropNext);
}

async function dropNext(trx: Trx): Promise<void> {
  // In the order in which whoever appends takes them.
  await sql`DROP TRIGGER IF EXISTS orders_to_next ON orders`.execute(trx);
  await sql`DROP TABLE IF EXISTS orders_next`.execute(trx);
  await sql`DROP FUNCTION IF EXISTS write_to_orders_next`.execute(trx);
}

/**
 * Fills in the next orders by id, each from its whole log; a later state that is there already stays.
 * @returns the last of them and how many; undefined when there are no more
 * @throws CorruptOrderError
 */
export async function fillNext(
  db: Db,
  { after, batchSize }: { after: string | null; batchSize: number },
): Promise<{ last: string; count: number } | undefined> {
  const streams = await db
    .selectFrom('order_events')
    .select('stream')
    .where('version', '=', 1)
    .$if(after !== null, (query) => query.where('stream', '>', after ?? ''))
    .orderBy('stream')
    .limit(batchSize)
    .execute();
  const last = streams.at(-1)?.stream;
  if (last === undefined) return undefined;
  const logs = await readLogs(
    db,
    streams.map(({ stream }) => stream),
  );
  const rows = [...logs].map(([orderId, log]) => projectOrder(foldOrder(orderId, log)));
  await db
    .insertInto('orders_next')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('order_id')
        .doUpdateSet(fromExcluded(rows[0] ?? {}))
        .where(sql<boolean>`orders_next.version <= excluded.version`),
    )
    .execute();
  return { last, count: streams.length };
}

/**
 * Has the new table take the place of the old one, all or nothing. Who reads meanwhile waits for a moment and then reads
 * the new one.
 * @throws Error when the old one has been changed since in ways that the new one does not have, or orders are missing
 */
export async function switchTables(db: Db): Promise<void> {
  const { rows } = await sql<{ missing: number }>`
    SELECT count(*)::int AS missing FROM order_events e
    WHERE version = 1 AND NOT EXISTS (SELECT FROM orders_next n WHERE n.order_id = e.stream)`.execute(db);
  if (rows[0]?.missing !== 0) throw new Error(`${rows[0]?.missing} orders are missing in the new table`);
  await inShortTransaction(db, async (trx) => {
    await sql`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`.execute(trx);
    const twins = await findTwins(trx);
    const [columns, expected] = [await listColumns(trx, 'orders_next'), await listColumns(trx, 'orders')];
    if (columns.join() !== expected.join() || twins.some(({ twin }) => twin === null)) {
      throw new Error('the table was changed by a migration meanwhile');
    }
    await sql`ALTER TABLE orders RENAME TO orders_before`.execute(trx);
    await sql`ALTER TABLE orders_next RENAME TO orders`.execute(trx);
    await sql`DROP TABLE orders_before`.execute(trx);
    await sql`DROP FUNCTION write_to_orders_next`.execute(trx);
    for (const { name, twin } of twins) {
      await sql`ALTER INDEX ${sql.ref(twin ?? '')} RENAME TO ${sql.ref(name)}`.execute(trx);
    }
  });
}

/** The indexes of the old table, whose names migrations know, and what each is called on the new one. */
async function findTwins(trx: Trx): Promise<{ name: string; twin: string | null }[]> {
  const indexesOf = (table: string) => sql`
    SELECT c.relname, i.indisunique, substring(pg_get_indexdef(c.oid) FROM ' USING .*') AS what
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ${table}::regclass`;
  const { rows } = await sql<{ name: string; twin: string | null }>`
    SELECT old.relname AS name, new.relname AS twin FROM (${indexesOf('orders')}) old
    LEFT JOIN (${indexesOf('orders_next')}) new USING (indisunique, what)`.execute(trx);
  return rows;
}

async function listColumns(db: Db, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT attname AS name FROM pg_attribute
    WHERE attrelid = ${table}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname`.execute(db);
  return rows.map(({ name }) => name);
}

/** Changes tables without having others wait for long behind it: it gives up soon, and tries again. */
async function inShortTransaction(db: Db, act: (trx: Trx) => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await db.transaction().execute(async (trx) => {
        await sql`SET LOCAL lock_timeout = ${sql.lit(lockTimeoutMs)}`.execute(trx);
        await act(trx);
      });
    } catch (error) {
      const waited = typeof error === 'object' && error !== null && 'code' in error && error.code === '55P03';
      if (!waited || tries === mostTries) throw error;
    }
    await delay(lockTimeoutMs);
  }
}
