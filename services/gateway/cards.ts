import type { FastifyRequest } from 'fastify';
import { holdsCard } from '#process/privacy';
import { DomainError } from '#services/kit/problem';
import type { Server } from '#services/kit/server';

/**
 * Refuses requests in which somebody has written a card number, wherever: 400 `card_number`. The shop takes tokens that
 * stand for cards; a number that went further would be in a database, and its backups, for good.
 */
export function refuseCards(app: Server): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const place = findCard(request);
    if (place === undefined) return done();
    const detail = `What is in ${place} looks like a card number, which does not belong here and was not kept.`;
    done(new DomainError('card_number', 400, detail));
  });
}

function findCard({ params, query, headers, body }: FastifyRequest): string | undefined {
  const { 'idempotency-key': key } = headers;
  const places = { 'the path': params, 'the query': query, 'the idempotency key': key, 'the body': body };
  return Object.entries(places).find(([, value]) => holds(value))?.[0];
}

function holds(value: unknown): boolean {
  if (typeof value === 'string') return holdsCard(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, one]) => holdsCard(name) || holds(one));
}
