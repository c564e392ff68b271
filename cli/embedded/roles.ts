import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { serviceNames, topology } from '#services/topology';

/** A database with the role of the same name that owns it, and roles that may only connect. */
export type DatabaseSpec = {
  name: string;
  guests: readonly string[];
  /** Its owner follows changes of the database by logical replication. */
  replicates?: boolean;
};

const serviceDatabases = serviceNames.filter((name) => topology[name].database);

/** Every database of the embedded PostgreSQL. What a guest may read or write is granted by the database's migrations. */
export const databaseSpecs: readonly DatabaseSpec[] = [
  ...serviceDatabases.map((name) => ({ name, guests: [], replicates: topology[name].publishes.length > 0 })),
  { name: 'bus', guests: [] },
  // Last, because the supervisor takes a connection as `app` for the sign that all roles are there.
  { name: 'bellwether', guests: ['alerts', 'chaos', 'collectors', 'app'] },
];

/** The roles that need a password, owners and guests alike. */
export function rolesOf(specs: readonly DatabaseSpec[]): string[] {
  return specs.flatMap(({ name, guests }) => [name, ...guests]);
}

/**
 * Creates databases and roles, and sets the passwords; safe to repeat. Nobody but its owner, its guests and the
 * superuser may connect to a database.
 * @param passwords by role
 */
export async function createRoles({
  host,
  port,
  password,
  specs,
  passwords,
}: {
  host: string;
  port: number;
  password: string;
  specs: readonly DatabaseSpec[];
  passwords: Readonly<Record<string, string>>;
}): Promise<void> {
  const client = new Client({ host, port, user: 'postgres', password, database: 'postgres' });
  await client.connect();
  try {
    const existing = await client.query<{ roles: string[]; databases: string[] }>(
      `SELECT array(SELECT rolname::text FROM pg_roles) AS roles, array(SELECT datname::text FROM pg_database) AS databases`,
    );
    const { roles = [], databases = [] } = existing.rows[0] ?? {};
    for (const { name, guests, replicates = false } of specs) {
      for (const role of [name, ...guests]) {
        const verb = roles.includes(role) ? 'ALTER' : 'CREATE';
        const secret = passwords[role];
        if (secret === undefined) throw new Error(`no password for the role ${role}`);
        const replication = replicates && role === name ? 'REPLICATION' : 'NOREPLICATION';
        const attributes = `LOGIN ${replication} PASSWORD ${escapeLiteral(secret)}`;
        await client.query(`${verb} ROLE ${escapeIdentifier(role)} ${attributes}`);
      }
      const database = escapeIdentifier(name);
      if (!databases.includes(name)) await client.query(`CREATE DATABASE ${database} OWNER ${database}`);
      await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
      for (const guest of guests) {
        await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${escapeIdentifier(guest)}`);
      }
    }
  } finally {
    await client.end();
  }
}
