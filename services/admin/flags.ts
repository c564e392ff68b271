import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type Flag, type FlagFile, parseFlagFile } from '#services/kit/flags/flag-file';
import { appendEvent } from '#services/kit/outbox';
import { DomainError } from '#services/kit/problem';
import { events, type FlagView } from './contract.ts';
import type { AdminTables } from './schema.ts';

export type FlagDeps = {
  db: Kysely<AdminTables>;
  now: () => number;
  /** Null: flags are not in a file of ours. */
  file: string | null;
};

/** One change of the file at a time. */
const flagsLock = 4_112;

/** Who edits the file has no name here. */
const byHand = 'by hand';

/** @throws DomainError 409 `flags_elsewhere` */
export async function listFlags({ file }: Pick<FlagDeps, 'file'>): Promise<FlagView[]> {
  const { flags } = await readFlags(requireFile(file));
  return Object.entries(flags).map(([key, flag]) => view(key, flag));
}

/**
 * Makes a variant the default of a flag, in somebody's name. Written down and announced in the transaction around the
 * change of the file: one that is cut off in between is found by `recordChanges`, as made by hand.
 * @throws DomainError 409 `flags_elsewhere`, 404 `unknown_flag`, 422 `unknown_variant`
 */
export async function setFlag(
  deps: FlagDeps,
  { key, variant, actor }: { key: string; variant: string; actor: string },
): Promise<FlagView> {
  const file = requireFile(deps.file);
  return deps.db.transaction().execute(async (trx) => {
    await lock(trx);
    const before = await readFlags(file);
    await record(trx, before, { actor: byHand, now: deps.now });
    const flag = before.flags[key];
    if (flag === undefined) throw new DomainError('unknown_flag', 404, `There is no flag ${key}.`);
    const variants = Object.keys(flag.variants);
    if (!variants.includes(variant)) {
      throw new DomainError('unknown_variant', 422, `${key} has no variant ${variant}.`, { variants });
    }
    const changed: Flag = { ...flag, state: 'ENABLED', defaultVariant: variant };
    const after = { ...before, flags: { ...before.flags, [key]: changed } };
    await record(trx, after, { actor, now: deps.now });
    // The new file is whole before it is the file.
    const unfinished = `${file}.${randomUUID()}`;
    await writeFile(unfinished, `${JSON.stringify(after, null, 2)}\n`);
    await rename(unfinished, file);
    return view(key, changed);
  });
}

/** Writes down and announces what was changed in the file past `setFlag`, while this ran or before. */
export async function recordChanges({ db, now }: Omit<FlagDeps, 'file'>, flags: FlagFile): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lock(trx);
    await record(trx, flags, { actor: byHand, now });
  });
}

type Trx = Transaction<AdminTables>;

async function lock(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${flagsLock})`.execute(trx);
}

async function record(
  trx: Trx,
  { flags }: FlagFile,
  { actor, now }: { actor: string; now: () => number },
): Promise<void> {
  const rows = await trx.selectFrom('flag_states').selectAll().orderBy('key').execute();
  const known = new Map(rows.map(({ key, definition }) => [key, definition]));
  const changed = [...new Set([...known.keys(), ...Object.keys(flags)])].filter(
    (key) => !isDeepStrictEqual(known.get(key), flags[key]),
  );
  for (const key of changed) {
    const from = known.get(key) ?? null;
    const to = flags[key] ?? null;
    // What is in the file when it is first seen is no change of it.
    if (rows.length > 0) await announce(trx, { key, from, to, actor, timeMs: now() });
    if (to === null) await trx.deleteFrom('flag_states').where('key', '=', key).execute();
    else await keep(trx, key, to);
  }
}

async function keep(trx: Trx, key: string, flag: Flag): Promise<void> {
  const definition = JSON.stringify(flag);
  await trx
    .insertInto('flag_states')
    .values({ key, definition })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ definition }))
    .execute();
}

type Change = { key: string; from: Flag | null; to: Flag | null; actor: string; timeMs: number };

async function announce(trx: Trx, { key, from, to, actor, timeMs }: Change): Promise<void> {
  await trx
    .insertInto('audit')
    .values({
      ...{ at: new Date(timeMs), actor, action: 'flag.set', target: key, outcome: 'done' },
      details: JSON.stringify({ from, to }),
    })
    .execute();
  const data = { flag: key, from: summarise(from), to: summarise(to), author: actor };
  await appendEvent(trx, events, { type: 'flag.changed', subject: key, timeMs, data });
}

/** What a flag says, in a few words. */
function summarise(flag: Flag | null): string {
  if (flag === null) return 'absent';
  if (flag.state === 'DISABLED') return 'disabled';
  const isTargeted = Object.keys(flag.targeting ?? {}).length > 0;
  return isTargeted ? `${flag.defaultVariant}, with targeting` : flag.defaultVariant;
}

function view(key: string, flag: Flag): FlagView {
  return { key, says: summarise(flag), variants: Object.keys(flag.variants) };
}

function requireFile(file: string | null): string {
  if (file === null) throw new DomainError('flags_elsewhere', 409, 'Flags are not in a file of this installation.');
  return file;
}

async function readFlags(file: string): Promise<FlagFile> {
  return parseFlagFile(await readFile(file, 'utf8'), file);
}
