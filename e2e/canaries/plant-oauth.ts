import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Canaries } from './values.ts';

const redirectUri = 'https://partner.example/back';
const scope = 'catalog:read cart:write orders:read';

const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() });
const ownTokenSchema = z.object({ access_token: z.string() });

/** An app of a third party that acts in users' names and keeps no secret, as the authorisation server knows it. */
export const canaryApp = { clientId: 'canary-app', redirectUri, scope };

export type OauthTarget = {
  /** The gateway, which is the issuer too. */
  url: string;
  /** A client that acts in its own name. */
  client: { id: string; secret: string };
  /** Somebody who has an account. */
  account: { email: string; password: string };
};

type Fields = Record<string, string>;
type Send = (method: 'GET' | 'POST', path: string, options?: { headers?: Fields; form?: Fields }) => Promise<Response>;

/**
 * Uses the authorisation server as third parties do, rightly and wrongly: each field of each of its requests holds a
 * canary once, in the form and in the query, under right, wrong and borrowed credentials.
 * @returns how many requests were made, and the secrets that were used or given out on the way
 */
export async function plantInOauth(
  { url, client, account }: OauthTarget,
  canaries: Canaries,
): Promise<{ requests: number; issued: string[] }> {
  let requests = 0;
  const send: Send = async (method, path, { headers = {}, form } = {}) => {
    requests += 1;
    return fetch(new URL(path, url), {
      ...{ method, headers, redirect: 'manual' },
      ...(form !== undefined && { body: new URLSearchParams(form) }),
    });
  };
  const basic = basicOf(client.id, client.secret);
  const issued = [client.secret, ...(await actInOwnName(send, basic)), ...(await actForUser(send, account))];
  for (const request of listRequests(client.id)) await plantInRequest(send, request, { basic, canaries });
  return { requests, issued };
}

function basicOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

/** A token that is used where it may be, where it may not, where it should not stand, and after its end. */
async function actInOwnName(send: Send, basic: string): Promise<string[]> {
  const form = { grant_type: 'client_credentials', scope: 'catalog:read' };
  const answer = await send('POST', '/oauth/token', { headers: { authorization: basic }, form });
  const { access_token: token } = ownTokenSchema.parse(await answer.json());
  await tryToken(send, token);
  await send('POST', '/oauth/revoke', { headers: { authorization: basic }, form: { token } });
  await tryToken(send, token);
  return [token, basic.replace('Basic ', '')];
}

async function tryToken(send: Send, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  for (const path of ['/api/products', '/api/cart', '/api/account', '/oauth/token', '/oauth/nothing']) {
    await send('GET', path, { headers });
    await send('GET', `${path}?access_token=${token}`);
    await send('GET', path, { headers: { authorization: `Bearer ${token}x`, 'x-session-id': token.slice(-64) } });
  }
}

/** Somebody signs in for the app and says yes; the code and the refresh token are used a second time. */
async function actForUser(send: Send, account: OauthTarget['account']): Promise<string[]> {
  const jar = new Map<string, string>();
  const visit = async (method: 'GET' | 'POST', path: string, form?: Fields): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await send(method, path, { headers: { cookie }, ...(form !== undefined && { form }) });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = answer.headers.get('location');
    return location === null || location.startsWith(redirectUri) ? answer : visit('GET', location);
  };
  const submit = async (page: Response, last: string, form: Fields): Promise<Response> => {
    const action = new RegExp(`action="([^"]+/${last})"`).exec(await page.text())?.[1];
    if (action === undefined) throw new Error(`no form to ${last}: the page was answered ${page.status}`);
    return visit('POST', action, form);
  };
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    ...{ client_id: canaryApp.clientId, response_type: 'code', redirect_uri: redirectUri, scope, state: 's' },
    ...{ code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' },
  });
  const signIn = (): Promise<Response> => visit('GET', `/oauth/authorize?${query}`);
  await submit(await signIn(), 'sign-in', { ...account, password: `${account.password}?` });
  const asked = await submit(await signIn(), 'sign-in', account);
  const back = await submit(asked, 'consent', {});
  const code = new URL(back.headers.get('location') ?? redirectUri).searchParams.get('code') ?? '';
  const form = {
    ...{ grant_type: 'authorization_code', client_id: canaryApp.clientId, code },
    redirect_uri: redirectUri,
  };
  const answer = await send('POST', '/oauth/token', { form: { ...form, code_verifier: verifier } });
  const first = tokensSchema.parse(await answer.json());
  await tryToken(send, first.access_token);
  const refresh = { grant_type: 'refresh_token', client_id: canaryApp.clientId, refresh_token: first.refresh_token };
  const second = tokensSchema.parse(await (await send('POST', '/oauth/token', { form: refresh })).json());
  await send('POST', '/oauth/token', { form: refresh });
  await send('POST', '/oauth/token', { form: { ...form, code_verifier: verifier } });
  return [code, verifier, ...Object.values(first), ...Object.values(second), ...listSecret(jar)];
}

/** The session and the signatures: what else is in cookies is in the addresses of the pages too, and opens nothing alone. */
function listSecret(jar: ReadonlyMap<string, string>): string[] {
  return [...jar].filter(([name, value]) => value !== '' && /^_session$|\.sig$/.test(name)).map(([, value]) => value);
}

type OauthRequest = { method: 'GET' | 'POST'; path: string; fields: Fields };

function listRequests(clientId: string): OauthRequest[] {
  const token = (fields: Fields): OauthRequest => ({ method: 'POST', path: '/oauth/token', fields });
  const authorize = {
    ...{ client_id: clientId, response_type: 'code', redirect_uri: redirectUri, scope, state: 's', login_hint: 'l' },
    ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256', id_token_hint: 'h' },
  };
  return [
    token({ grant_type: 'client_credentials', scope, client_id: clientId, client_secret: 'x' }),
    token({
      grant_type: 'authorization_code',
      code: 'x',
      code_verifier: 'x',
      redirect_uri: redirectUri,
      client_id: clientId,
    }),
    token({ grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId }),
    token({ grant_type: 'password', username: 'x', password: 'x', client_assertion: 'x' }),
    { method: 'POST', path: '/oauth/revoke', fields: { token: 'x', token_type_hint: 'refresh_token' } },
    { method: 'GET', path: '/oauth/authorize', fields: authorize },
    { method: 'POST', path: '/oauth/authorize', fields: authorize },
    { method: 'POST', path: '/oauth/interaction/none/sign-in', fields: { email: 'x', password: 'x' } },
    { method: 'GET', path: '/oauth/jwks', fields: { access_token: 'x' } },
  ];
}

async function plantInRequest(
  send: Send,
  { method, path, fields }: OauthRequest,
  { basic, canaries: { card, email, secret } }: { basic: string; canaries: Canaries },
): Promise<void> {
  const authorization = { authorization: basic };
  for (const name of Object.keys(fields)) {
    for (const value of [card, email, secret]) {
      const planted = { ...fields, [name]: value };
      await send(method, `${path}?${new URLSearchParams(planted)}`, { headers: authorization });
      if (method === 'POST') await send(method, path, { headers: authorization, form: planted });
    }
  }
  const form = method === 'POST' ? { form: fields } : {};
  const cookie = `_session=${encodeURIComponent(secret)}; _interaction=${card}`;
  for (const wrong of [basicOf(card, secret), basicOf(email, secret), `Bearer ${secret}`, `Basic ${secret}`]) {
    await send(method, path, { headers: { authorization: wrong, cookie }, ...form });
  }
  await send('GET', `${path}/${encodeURIComponent(card)}`, { headers: { authorization: basic } });
}
