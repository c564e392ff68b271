import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { z } from 'zod';
import type { ChaosCommandKind, commandParams } from '#chaos/contract';
import { readInstance } from './instance.ts';

const answerWithinMs = 30_000;

/**
 * Connects to the control database of the running instance, as role `app`.
 * @throws Error when nothing runs here
 */
export async function connectControl(): Promise<Client> {
  const client = new Client({ connectionString: readInstance().databaseUrl, connectionTimeoutMillis: 5_000 });
  // A connection that breaks while idle shows up in the next query, which has somebody to tell.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw new Error(`PostgreSQL does not answer (${String(error)}): npx bellwether status`);
  });
  return client;
}

/** Runs `work` with a connection to the control database and closes it afterwards. */
export async function withControl<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectControl();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Asks chaos for something, as the person at the keyboard, and waits for the answer.
 * @returns the command's id, which is also the id of the injection or drill that it starts
 * @throws Error with the reason of a refusal, or when chaos does not answer within 30 s
 */
export async function askChaos<Kind extends ChaosCommandKind>(
  client: Client,
  kind: Kind,
  params: z.input<(typeof commandParams)[Kind]>,
): Promise<string> {
  const id = randomUUID();
  await client.query('BEGIN');
  await client.query(`INSERT INTO chaos."ChaosCommand" (id, kind, params, author) VALUES ($1, $2, $3, $4)`, [
    id,
    kind,
    JSON.stringify(params),
    `${userInfo().username} (cli)`,
  ]);
  await client.query(`SELECT pg_notify('chaos_commands', $1)`, [id]);
  await client.query('COMMIT');
  const deadline = Date.now() + answerWithinMs;
  while (Date.now() < deadline) {
    const { rows } = await client.query<{ handledAt: Date | null; error: string | null }>(
      `SELECT "handledAt", error FROM chaos."ChaosCommand" WHERE id = $1`,
      [id],
    );
    if (rows[0]?.error) throw new Error(rows[0].error);
    if (rows[0]?.handledAt) return id;
    await sleep(50);
  }
  throw new Error(`chaos has not answered for ${answerWithinMs / 1000} s: npx bellwether status`);
}
