import type { FastifyRequest } from 'fastify';
import { type Caller, readCaller } from '#services/kit/caller';
import { DomainError } from '#services/kit/problem';
import type { Identity, Sessions } from './session.ts';
import { noteVisitor } from './versions.ts';

/** Whose request it is, and whose cart. */
export type Scope = { cartId: string; caller: Caller };

/** A scope of somebody who signed in. */
export type UserScope = Scope & { userId: string };

/** Whose request it is. Only a valid token names a session; without one the caller's own word is taken for statistics. */
export async function callerOf(request: FastifyRequest, sessions: Sessions): Promise<Caller> {
  if (request.headers.authorization !== undefined) return (await scopeOf(request, sessions)).caller;
  const caller = { ...readCaller(request.headers), userId: null };
  if (caller.sessionId !== null) noteVisitor(caller.sessionId);
  return caller;
}

const identities = new WeakMap<FastifyRequest, Promise<Identity>>();

/** Who a request comes from; the token is verified once a request. @throws DomainError 401 without a valid token */
export function identityOf(request: FastifyRequest, sessions: Sessions): Promise<Identity> {
  const known = identities.get(request) ?? sessions.verify(request.headers.authorization);
  identities.set(request, known);
  return known;
}

/** @throws DomainError 401 without a valid token */
export async function scopeOf(request: FastifyRequest, sessions: Sessions): Promise<Scope> {
  const { sessionId, userId, client } = await identityOf(request, sessions);
  noteVisitor(userId ?? sessionId);
  // A third party in its own name is a program, whatever it says of itself: nobody who looks and buys.
  const isProgram = client !== null && userId === null;
  const said = isProgram ? { device: 'api', channel: 'partner' } : readCaller(request.headers);
  return { cartId: userId ?? sessionId, caller: { ...said, sessionId, userId } };
}

/** @throws DomainError 401 without a valid token, or with a guest's */
export async function userOf(request: FastifyRequest, sessions: Sessions): Promise<UserScope> {
  const scope = await scopeOf(request, sessions);
  const { userId } = scope.caller;
  if (userId === null) throw new DomainError('sign_in_needed', 401, 'Sign in: POST /api/sign-in.');
  return { ...scope, userId };
}
