import type { Session } from 'chdb';
import { setStatement } from './statement.ts';

export type Wanted = { database: string; settings: Record<string, string> };

type State = { database: string; settings: Record<string, string> };

const states = new WeakMap<Session, State>();

/**
 * Brings a session to the database and settings that the next statement wants; what is not wanted any more goes back to
 * the lane's own settings. A client mostly sends the same settings, so that mostly nothing is to do: a `SET` before and after
 * every statement costs more than many a statement. Parameters (`param_<name>`) stay until another value takes their place.
 */
export async function bringTo(
  session: Session,
  { database, settings }: Wanted,
  defaults: Record<string, string>,
): Promise<void> {
  const state = states.get(session) ?? { database: 'default', settings: { ...defaults } };
  states.set(session, state);
  if (state.database !== database) {
    await session.queryAsync(`USE ${quoteIdentifier(database)}`);
    state.database = database;
  }
  const wanted = { ...defaults, ...settings };
  const unwanted = Object.keys(state.settings).filter((name) => !(name in wanted) && !isParameter(name));
  const changed = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => state.settings[name] !== value));
  if (unwanted.length > 0) {
    await session.queryAsync(`SET ${unwanted.map((name) => `${name} = DEFAULT`).join(', ')}`);
    for (const name of unwanted) delete state.settings[name];
  }
  if (Object.keys(changed).length > 0) {
    // Unknown until it has succeeded: a statement that fails half way may have set some.
    for (const name of Object.keys(changed)) state.settings[name] = '';
    await session.queryAsync(setStatement(changed));
    Object.assign(state.settings, changed);
  }
}

function isParameter(name: string): boolean {
  return name.startsWith('param_');
}

function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}
