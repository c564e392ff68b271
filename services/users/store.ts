import { createHash, randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import { appendEvent } from '#services/kit/outbox';
import { DomainError } from '#services/kit/problem';
import { type Account, type Address, events, type NewAddress, type Registration } from './contract.ts';
import { revokeAccount } from './oauth/revocations.ts';
import { hashPassword } from './password.ts';
import type { UsersTables } from './schema.ts';

type Db = Kysely<UsersTables>;

const maxAddresses = 20;

/** @throws DomainError 409 `email_taken` */
export async function register(db: Db, { email, password, name }: Registration, now: Date): Promise<Account> {
  const row = { user_id: randomUUID(), email: email.toLowerCase(), name, created_at: now };
  const passwordHash = await hashPassword(password);
  await db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto('users')
      .values({ ...row, password_hash: passwordHash })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (inserted === undefined) throw new DomainError('email_taken', 409, 'There is an account with this address.');
    await announce(trx, 'user.registered', row.user_id, now);
  });
  return toAccount(row);
}

/** @throws DomainError 404 `unknown_user` */
export async function readAccount(db: Db, userId: string): Promise<Account> {
  const row = await db.selectFrom('users').selectAll().where('user_id', '=', userId).executeTakeFirst();
  if (row === undefined) throw unknownUser();
  return toAccount(row);
}

/** Everything that is kept about a person goes; their orders keep an id that leads nowhere. */
export async function deleteAccount(db: Db, userId: string, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const gone = await trx.deleteFrom('users').where('user_id', '=', userId).returning('email').executeTakeFirst();
    if (gone === undefined) return;
    await trx.deleteFrom('sign_in_failures').where('email_hash', '=', hashEmail(gone.email)).execute();
    await revokeAccount(trx, userId, now.getTime());
    await announce(trx, 'user.deleted', userId, now);
  });
}

export async function listAddresses(db: Db, userId: string): Promise<Address[]> {
  const rows = await db
    .selectFrom('addresses')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('address_id')
    .execute();
  return rows.map(toAddress);
}

/** @throws DomainError 404 `unknown_user`, 409 `too_many_addresses` */
export async function addAddress(db: Db, userId: string, address: NewAddress): Promise<Address> {
  return db.transaction().execute(async (trx) => {
    const user = await trx.selectFrom('users').select('user_id').where('user_id', '=', userId).forUpdate().execute();
    if (user.length === 0) throw unknownUser();
    const known = await trx.selectFrom('addresses').select('address_id').where('user_id', '=', userId).execute();
    if (known.length >= maxAddresses) {
      throw new DomainError('too_many_addresses', 409, `An account holds at most ${maxAddresses} addresses.`);
    }
    const row = { address_id: randomUUID(), user_id: userId, ...address };
    await trx.insertInto('addresses').values(row).execute();
    return toAddress(row);
  });
}

/** One that is not there is gone already. */
export async function removeAddress(db: Db, userId: string, addressId: string): Promise<void> {
  await db.deleteFrom('addresses').where('user_id', '=', userId).where('address_id', '=', addressId).execute();
}

/** What failures to sign in are counted under: the table is not a list of addresses that somebody typed. */
export function hashEmail(email: string): string {
  return createHash('sha256').update(email.toLowerCase()).digest('hex');
}

/** The event names nobody: who needs the address asks for it. */
async function announce(trx: Db, type: 'user.registered' | 'user.deleted', userId: string, now: Date): Promise<void> {
  await appendEvent(trx, events, { type, subject: userId, timeMs: now.getTime(), data: { userId } });
}

function unknownUser(): DomainError {
  return new DomainError('unknown_user', 404, 'There is no such account.');
}

function toAccount(row: Omit<Selectable<UsersTables['users']>, 'password_hash'>): Account {
  return { userId: row.user_id, email: row.email, name: row.name, createdAt: row.created_at.toISOString() };
}

function toAddress(row: Omit<Selectable<UsersTables['addresses']>, 'created_at'>): Address {
  const { address_id: addressId, name, street, postcode, city, country } = row;
  return { addressId, name, street, postcode, city, country };
}

/** Forgets sessions that are over. */
export async function sweepSessions(db: Db, now: Date): Promise<void> {
  await sql`delete from sessions where expires_at <= ${now}`.execute(db);
}
