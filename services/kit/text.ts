import type { FastifyRequest } from 'fastify';
import { DomainError } from './problem.ts';

type Part = 'params' | 'querystring' | 'body';

/**
 * Refuses text that no database takes (PostgreSQL manual, 8.3 and 8.14): the character U+0000, and halves of surrogate
 * pairs. It would otherwise come back as a failure of ours.
 * @throws DomainError 400 `validation_failed`, with the part and the path of what is wrong
 */
export function refuseUnstorable({ params, query, body }: Pick<FastifyRequest, 'params' | 'query' | 'body'>): void {
  const parts: [Part, unknown][] = [
    ['params', params],
    ['querystring', query],
    ['body', body],
  ];
  for (const [part, value] of parts) {
    const path = findUnstorable(value, '');
    if (path === undefined) continue;
    const message = 'holds a character that is none: U+0000, or half of a surrogate pair';
    const detail = `Not as expected in ${part}: ${path} ${message}`;
    throw new DomainError('validation_failed', 400, detail, { errors: [{ path, message }] });
  }
}

/** A JSON pointer (RFC 6901) to the first such text, of a value or a name; what is wrong about a name is not repeated. */
function findUnstorable(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, one] of Object.entries(value)) {
    if (!isStorable(name)) return path;
    const found = findUnstorable(one, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}
