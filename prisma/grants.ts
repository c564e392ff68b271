import type { Client } from 'pg';

/**
 * What each process's role may touch. `alerts` has nothing at all in schema `chaos`: no drill can be answered from
 * the list of injected faults. `collectors` keeps what it saw on
 * the bus, and nothing else. `app` reads everything and writes only what people decide (and the pages it receives).
 */
const statements = [
  `REVOKE ALL ON SCHEMA alerts, bus, chaos FROM PUBLIC`,
  `REVOKE ALL ON ALL TABLES IN SCHEMA chaos FROM alerts`,
  `GRANT USAGE ON SCHEMA alerts TO alerts, chaos, app`,
  `GRANT USAGE ON SCHEMA chaos TO chaos, app`,
  `GRANT USAGE ON SCHEMA bus TO collectors, app`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bus TO collectors`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA alerts TO alerts`,
  `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA alerts TO alerts`,
  `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA chaos TO chaos`,
  `GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA chaos TO chaos`,
  `GRANT SELECT ON ALL TABLES IN SCHEMA alerts TO chaos, app`,
  `GRANT SELECT ON ALL TABLES IN SCHEMA bus, chaos TO app`,
  `GRANT INSERT ON alerts."AlertCommand", alerts."Page", bus."ReplayCommand", chaos."ChaosCommand" TO app`,
];

const roles = ['alerts', 'chaos', 'collectors', 'app'];

/**
 * Grants each role its part, in one transaction.
 * @throws Error naming the roles that the server does not have
 */
export async function grantRoles(client: Client): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = ANY($1)', [
    roles,
  ]);
  const missing = roles.filter((role) => !rows.some((row) => row.rolname === role));
  if (missing.length > 0) {
    throw new Error(`roles missing in PostgreSQL: ${missing.join(', ')}; create each with LOGIN and a password`);
  }
  await client.query('BEGIN');
  for (const statement of statements) await client.query(statement);
  await client.query('COMMIT');
}
