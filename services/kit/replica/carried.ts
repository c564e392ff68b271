import { AsyncLocalStorage } from 'node:async_hooks';
import { formatPosition, type Position, parsePosition } from './position.ts';

/**
 * With the answer to a write: which databases were written, and up to where (`users=16/B374D848, catalog=0/1A2`). Whoever
 * sends it back with a later request is shown that write, by whichever instance and however far behind its replica is.
 * The value means nothing to them; the last one that they were given holds all of it.
 */
export const positionHeader = 'x-read-after';

type Carried = { positions: Map<string, Position>; isNews: boolean };

const carried = new AsyncLocalStorage<Carried>();
const mostDatabases = 20;

/** Runs what answers a request: its header holds for the reads below, here and in the services that are called. */
export function carryPositions<Result>(header: string | string[] | undefined, work: () => Result): Result {
  return carried.run({ positions: parse(header), isNews: false }, work);
}

/** What the request that is being answered has to be shown of a database at least. */
export function wantedPosition(database: string): Position {
  return carried.getStore()?.positions.get(database) ?? 0n;
}

/** A write was made for the request that is being answered. */
export function notePosition(database: string, position: Position): void {
  const store = carried.getStore();
  if (store === undefined || position <= wantedPosition(database)) return;
  store.positions.set(database, position);
  store.isNews = true;
}

/** The same for writes of a service that was called: the header of its answer. */
export function notePositions(header: string | null): void {
  if (header === null) return;
  for (const [database, position] of parse(header)) notePosition(database, position);
}

/** The header for a call to another service. */
export function positionHeaders(): Record<string, string> {
  const { positions } = carried.getStore() ?? { positions: new Map<string, Position>() };
  return positions.size === 0 ? {} : { [positionHeader]: format(positions) };
}

/** The header of the answer; null when nothing was written. */
export function answerPositions(): string | null {
  const store = carried.getStore();
  return store?.isNews === true ? format(store.positions) : null;
}

function parse(header: string | string[] | undefined): Map<string, Position> {
  const entries = typeof header === 'string' ? header.split(',', mostDatabases) : [];
  return new Map(
    entries.flatMap((entry): [string, Position][] => {
      const [database = '', text] = entry.trim().split('=', 2);
      const position = parsePosition(text);
      return position === null || !/^[a-z]{1,32}$/.test(database) ? [] : [[database, position]];
    }),
  );
}

function format(positions: Map<string, Position>): string {
  return [...positions].map(([database, position]) => `${database}=${formatPosition(position)}`).join(', ');
}
