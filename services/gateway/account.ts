import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { cartSchema } from '#services/cart/contract';
import type { Answer } from '#services/kit/fetch';
import { passOn } from '#services/kit/pass-on';
import { DomainError, problemSchema } from '#services/kit/problem';
import type { Server } from '#services/kit/server';
import { preferencesSchema } from '#services/notifications/contract';
import { orderListSchema } from '#services/orders/contract';
import {
  accountSchema,
  addressListSchema,
  addressSchema,
  credentialsSchema,
  newAddressSchema,
  refreshSchema,
  registrationSchema,
  type Tokens,
  tokensSchema,
} from '#services/users/contract';
import { failures } from './answers.ts';
import type { GatewayOptions } from './app.ts';
import { type SignedIn, signedInSchema } from './contract.ts';
import { callerOf, userOf } from './scope.ts';

const badRequest = { 400: problemSchema };
const unauthorised = { 401: problemSchema };
const tags = ['account'];

/** A password takes a while to check, on purpose. */
const signInTimeoutMs = 3_000;

/** Adds registration, sign-in and what an account holds. */
export function addAccount(app: Server, options: GatewayOptions): void {
  addSignIn(app, options);
  addTokens(app, options);
  addOwnData(app, options);
  addAddresses(app, options);
  addPreferences(app, options);
}

function addSignIn(app: Server, options: GatewayOptions): void {
  const signedIn = { 201: signedInSchema, ...badRequest, ...unauthorised, ...failures };
  const register = { body: registrationSchema, response: { ...signedIn, 409: problemSchema } };
  app.post('/api/register', { schema: { summary: 'A new account', tags, ...register } }, async (request, reply) =>
    reply.code(201).send(await enter(options, request, '/users')),
  );
  const signIn = { body: credentialsSchema, response: { ...signedIn, 429: problemSchema } };
  const summary = 'Sign in; what is in the guest’s cart comes along';
  app.post('/api/sign-in', { schema: { summary, tags, ...signIn } }, async (request, reply) =>
    reply.code(201).send(await enter(options, request, '/sessions')),
  );
}

async function enter({ peers, sessions }: GatewayOptions, request: FastifyRequest, path: string): Promise<SignedIn> {
  const caller = await callerOf(request, sessions);
  const sessionId = request.headers.authorization === undefined ? crypto.randomUUID() : caller.sessionId;
  const own = { ...caller, sessionId };
  const answer = await peers.users.post(path, { caller: own, body: request.body, timeoutMs: signInTimeoutMs });
  const tokens = passOn('users', answer, tokensSchema);
  const { userId } = tokens;
  // Signed in all the same: the guest's cart stays where it is, and the next sign-in with that session moves it.
  const cartMerged =
    caller.userId !== null ||
    sessionId === null ||
    (await peers.cart
      .post(`/carts/${userId}/merge`, { caller: { ...own, userId }, body: { from: sessionId }, idempotent: true })
      .then(
        (merged: Answer) => merged.status === 200 && cartSchema.safeParse(merged.body).success,
        (error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
          request.log.warn({ err: error }, 'the cart was not merged');
          return false;
        },
      ));
  return { ...signedIn(tokens, sessionId ?? ''), cartMerged };
}

function signedIn(tokens: Tokens, sessionId: string): Omit<SignedIn, 'cartMerged'> {
  const { accessToken: token, accessExpiresAt: expiresAt, refreshToken, userId } = tokens;
  return { token, expiresAt, refreshToken, userId, sessionId };
}

function addTokens(app: Server, { peers }: GatewayOptions): void {
  const again = { body: refreshSchema, response: { 200: tokensSchema, ...badRequest, ...unauthorised, ...failures } };
  app.post('/api/sign-in/refresh', { schema: { summary: 'The next tokens', tags, ...again } }, async (request) =>
    passOn('users', await peers.users.post('/sessions/refresh', { body: request.body }), tokensSchema),
  );
  const end = { body: refreshSchema, response: { 204: z.null(), ...badRequest, ...unauthorised, ...failures } };
  app.post('/api/sign-out', { schema: { summary: 'Ends a session', tags, ...end } }, async (request, reply) => {
    const answer = await peers.users.post('/sessions/end', { body: request.body, idempotent: true });
    return reply.code(204).send(passOn('users', answer, z.null()));
  });
}

function addOwnData(app: Server, { peers, sessions }: GatewayOptions): void {
  const read = { response: { 200: accountSchema, 404: problemSchema, ...unauthorised, ...failures } };
  app.get('/api/account', { schema: { summary: 'The own account', tags, ...read } }, async (request) => {
    const { userId, caller } = await userOf(request, sessions);
    return passOn('users', await peers.users.get(`/users/${userId}`, { caller }), accountSchema);
  });
  const gone = { response: { 204: z.null(), ...unauthorised, ...failures } };
  const summary = 'Deletes the account and all that is kept about its owner';
  app.delete('/api/account', { schema: { summary, tags, ...gone } }, async (request, reply) => {
    const { userId, caller } = await userOf(request, sessions);
    return reply.code(204).send(passOn('users', await peers.users.delete(`/users/${userId}`, { caller }), z.null()));
  });
  const orders = { response: { 200: orderListSchema, ...unauthorised, ...failures } };
  app.get('/api/account/orders', { schema: { summary: 'The own orders', tags, ...orders } }, async (request) => {
    const { userId, caller } = await userOf(request, sessions);
    return passOn('orders', await peers.orders.get(`/users/${userId}/orders`, { caller }), orderListSchema);
  });
}

function addAddresses(app: Server, { peers, sessions }: GatewayOptions): void {
  const refusals = { ...badRequest, ...unauthorised, ...failures };
  const list = { response: { 200: addressListSchema, ...unauthorised, ...failures } };
  app.get('/api/account/addresses', { schema: { summary: 'Addresses', tags, ...list } }, async (request) => {
    const { userId, caller } = await userOf(request, sessions);
    return passOn('users', await peers.users.get(`/users/${userId}/addresses`, { caller }), addressListSchema);
  });
  const add = { body: newAddressSchema, response: { 201: addressSchema, 409: problemSchema, ...refusals } };
  app.post(
    '/api/account/addresses',
    { schema: { summary: 'Adds an address', tags, ...add } },
    async (request, reply) => {
      const { userId, caller } = await userOf(request, sessions);
      const answer = await peers.users.post(`/users/${userId}/addresses`, { caller, body: request.body });
      return reply.code(201).send(passOn('users', answer, addressSchema));
    },
  );
  const remove = {
    params: z.object({ addressId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }) }),
    response: { 204: z.null(), ...refusals },
  };
  app.delete(
    '/api/account/addresses/:addressId',
    { schema: { summary: 'Removes an address', tags, ...remove } },
    async (request, reply) => {
      const { userId, caller } = await userOf(request, sessions);
      const answer = await peers.users.delete(`/users/${userId}/addresses/${request.params.addressId}`, { caller });
      return reply.code(204).send(passOn('users', answer, z.null()));
    },
  );
}

function addPreferences(app: Server, { peers, sessions }: GatewayOptions): void {
  const path = '/api/account/preferences';
  const read = { response: { 200: preferencesSchema, ...unauthorised, ...failures } };
  app.get(path, { schema: { summary: 'Which mails are wanted', tags, ...read } }, async (request) => {
    const { userId, caller } = await userOf(request, sessions);
    const answer = await peers.notifications.get(`/users/${userId}/preferences`, { caller });
    return passOn('notifications', answer, preferencesSchema);
  });
  const write = { body: preferencesSchema, response: { ...read.response, ...badRequest } };
  app.put(path, { schema: { summary: 'Says which mails are wanted', tags, ...write } }, async (request) => {
    const { userId, caller } = await userOf(request, sessions);
    const answer = await peers.notifications.put(`/users/${userId}/preferences`, { caller, body: request.body });
    return passOn('notifications', answer, preferencesSchema);
  });
}
