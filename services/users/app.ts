import { z } from 'zod';
import { readCaller } from '#services/kit/caller';
import { problemSchema } from '#services/kit/problem';
import type { Reader } from '#services/kit/replica/reader';
import type { Server } from '#services/kit/server';
import {
  accountSchema,
  addressListSchema,
  addressSchema,
  credentialsSchema,
  jwksPath,
  newAddressSchema,
  refreshSchema,
  registrationSchema,
  tokensSchema,
} from './contract.ts';
import type { OauthDeps } from './oauth/provider.ts';
import { addOauth } from './oauth/routes.ts';
import type { UsersTables } from './schema.ts';
import { beginSession, refresh, type SignInDeps, signIn, signOut } from './sign-in.ts';
import { addAddress, deleteAccount, listAddresses, readAccount, register, removeAddress } from './store.ts';

export type UsersOptions = SignInDeps & {
  oauth: Pick<OauthDeps, 'issuer' | 'cookieSecret' | 'logger'>;
  /** Accounts and addresses are read by it; who signs in is checked on the primary. */
  reader: Reader<UsersTables>;
  /** Called after each change, so that its event is relayed at once. */
  changed: () => void;
};

const userParams = z.object({ userId: z.uuid().meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11' }) });
const keySetSchema = z
  .looseObject({})
  .meta({ example: { keys: [{ kty: 'EC', crv: 'P-256', kid: 'of today', use: 'sig' }] } });
const addressParams = userParams.extend({
  addressId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
});
const refused = { 400: problemSchema, 401: problemSchema };

/** Adds the routes of users. */
export function addRoutes(app: Server, options: UsersOptions): void {
  addSessions(app, options);
  addAccounts(app, options);
  addAddresses(app, options);
  addOauth(app, { ...options, ...options.oauth });
}

function addSessions(app: Server, options: UsersOptions): void {
  const tags = ['sessions'];
  const limited = { ...refused, 429: problemSchema };
  app.post(
    '/sessions',
    { schema: { summary: 'Sign in', tags, body: credentialsSchema, response: { 201: tokensSchema, ...limited } } },
    async (request, reply) => {
      const { sessionId } = readCaller(request.headers);
      return reply.code(201).send(await signIn(options, request.body, sessionId ?? crypto.randomUUID()));
    },
  );
  app.post(
    '/sessions/refresh',
    { schema: { summary: 'The next tokens', tags, body: refreshSchema, response: { 200: tokensSchema, ...refused } } },
    async (request) => refresh(options, request.body.refreshToken),
  );
  app.post(
    '/sessions/end',
    { schema: { summary: 'Sign out', tags, body: refreshSchema, response: { 204: z.null(), ...refused } } },
    async (request, reply) => {
      await signOut(options, request.body.refreshToken);
      return reply.code(204).send(null);
    },
  );
  app.get(
    jwksPath,
    { schema: { summary: 'Public signing keys (RFC 7517)', tags, response: { 200: keySetSchema } } },
    async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=300').send({ ...(await options.keys.publish()) }),
  );
}

function addAccounts(app: Server, options: UsersOptions): void {
  const { db, reader, now, changed } = options;
  const tags = ['accounts'];
  const created = { 201: tokensSchema, 400: problemSchema, 409: problemSchema };
  app.post(
    '/users',
    { schema: { summary: 'Register, and be signed in', tags, body: registrationSchema, response: created } },
    async (request, reply) => {
      const { userId } = await register(db, request.body, new Date(now()));
      changed();
      await reader.wrote(userId);
      const { sessionId } = readCaller(request.headers);
      return reply.code(201).send(await beginSession(options, userId, sessionId ?? crypto.randomUUID()));
    },
  );
  const read = { params: userParams, response: { 200: accountSchema, 400: problemSchema, 404: problemSchema } };
  app.get('/users/:userId', { schema: { summary: 'An account', tags, ...read } }, async (request) =>
    reader.read((reads) => readAccount(reads, request.params.userId), request.params.userId),
  );
  const remove = { params: userParams, response: { 204: z.null(), 400: problemSchema } };
  app.delete(
    '/users/:userId',
    { schema: { summary: 'Deletes an account', tags, ...remove } },
    async (request, reply) => {
      await deleteAccount(db, request.params.userId, new Date(now()));
      changed();
      await reader.wrote(request.params.userId);
      return reply.code(204).send(null);
    },
  );
}

function addAddresses(app: Server, { db, reader }: UsersOptions): void {
  const tags = ['addresses'];
  const list = { params: userParams, response: { 200: addressListSchema, 400: problemSchema } };
  app.get('/users/:userId/addresses', { schema: { summary: 'Addresses', tags, ...list } }, async (request) => ({
    items: await reader.read((reads) => listAddresses(reads, request.params.userId), request.params.userId),
  }));
  const add = {
    params: userParams,
    body: newAddressSchema,
    response: { 201: addressSchema, 400: problemSchema, 404: problemSchema, 409: problemSchema },
  };
  app.post(
    '/users/:userId/addresses',
    { schema: { summary: 'Adds an address', tags, ...add } },
    async (request, reply) => {
      const { userId } = request.params;
      const address = await addAddress(db, userId, request.body);
      await reader.wrote(userId);
      return reply.code(201).send(address);
    },
  );
  const remove = { params: addressParams, response: { 204: z.null(), 400: problemSchema } };
  app.delete(
    '/users/:userId/addresses/:addressId',
    { schema: { summary: 'Removes an address', tags, ...remove } },
    async (request, reply) => {
      await removeAddress(db, request.params.userId, request.params.addressId);
      await reader.wrote(request.params.userId);
      return reply.code(204).send(null);
    },
  );
}
