import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { databaseSpecs, rolesOf } from '../embedded/roles.ts';

const secretsSchema = z.object({
  postgresPassword: z.string().optional(),
  rolePasswords: z.record(z.string(), z.string()).default({}),
  chaosToken: z.string().optional(),
  pagerToken: z.string().optional(),
  sessionSecret: z.string().optional(),
  usersKeySecret: z.string().optional(),
  acquirerSecret: z.string().optional(),
  partnerSecret: z.string().optional(),
  adminToken: z.string().optional(),
  supervisorToken: z.string().optional(),
});

export type Secrets = {
  /** PostgreSQL's superuser. */
  postgresPassword: string;
  /** By role. */
  rolePasswords: Record<string, string>;
  /** Between the chaos controller, the fault agents and the supervisor. */
  chaosToken: string;
  /** Between alerts and the console's pager. */
  pagerToken: string;
  /** Signs the shop's guest sessions. */
  sessionSecret: string;
  /** Seals the keys with which the shop's users' tokens are signed. */
  usersKeySecret: string;
  /** With which the simulated acquirer signs what it tells the shop. */
  acquirerSecret: string;
  /** Of the third party that reads the shop's catalogue, a client of the authorisation server. */
  partnerSecret: string;
  /** Opens the shop's back office. */
  adminToken: string;
  /** Lets the owner of the instance restart its processes. */
  supervisorToken: string;
};

/**
 * The secrets of this installation: made at the first start, kept in `secrets.json` (readable by its owner only), and
 * completed when a later version needs another.
 */
export function loadSecrets(dataDir: string, random: () => string = () => randomBytes(24).toString('hex')): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  const known = secretsSchema.parse(readJson(file));
  const secrets: Secrets = {
    postgresPassword: known.postgresPassword ?? random(),
    rolePasswords: Object.fromEntries(
      rolesOf(databaseSpecs).map((role) => [role, known.rolePasswords[role] ?? random()]),
    ),
    chaosToken: known.chaosToken ?? random(),
    pagerToken: known.pagerToken ?? random(),
    sessionSecret: known.sessionSecret ?? random(),
    usersKeySecret: known.usersKeySecret ?? random(),
    acquirerSecret: known.acquirerSecret ?? random(),
    partnerSecret: known.partnerSecret ?? random(),
    adminToken: known.adminToken ?? random(),
    supervisorToken: known.supervisorToken ?? random(),
  };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return secrets;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new Error(`${file} cannot be read (npm run reset starts afresh): ${String(error)}`);
  }
}
