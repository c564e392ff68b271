import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server } from '#services/kit/server';
import type { GatewayOptions } from './app.ts';

/** A password takes a while to check, on purpose. */
const timeoutMs = 3_000;

const wellKnown = '/.well-known/oauth-authorization-server';
const passedOn = ['accept', 'authorization', 'cookie', 'origin', 'access-control-request-method'] as const;
const passedBack = [
  ...['content-type', 'location', 'cache-control', 'pragma', 'www-authenticate', 'vary'],
  ...['content-security-policy', 'referrer-policy', 'x-content-type-options'],
  ...['access-control-allow-origin', 'access-control-allow-methods', 'access-control-expose-headers'],
];

/** Whether a route is the authorisation server's, which says itself what is wrong with a request (RFC 6749, 5.2). */
export function isOauthRoute(route: string | undefined): boolean {
  return route === '/oauth/*' || route === wellKnown;
}

/** Passes the authorisation server of users on under its own paths, pages and redirects as they are. */
export function addOauth(app: Server, { peers }: Pick<GatewayOptions, 'peers'>): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const headers = pick(passedOn, (name) => request.headers[name]);
      const isPost = request.method === 'POST';
      const answer = isPost
        ? await peers.users.post(request.url, { headers, timeoutMs, form: String(request.body ?? '') })
        : await peers.users.get(request.url, { headers, timeoutMs });
      for (const cookie of answer.headers.getSetCookie()) reply.header('set-cookie', cookie);
      const body = typeof answer.body === 'object' && answer.body !== null ? JSON.stringify(answer.body) : answer.body;
      return reply
        .code(answer.status)
        .headers(pick(passedBack, (name) => answer.headers.get(name)))
        .send(body ?? '');
    };
    for (const url of ['/oauth/*', wellKnown]) {
      scope.route({ method: ['GET', 'POST'], url, schema: { hide: true }, handler });
    }
  });
}

function pick(names: readonly string[], read: (name: string) => unknown): Record<string, string> {
  const pairs = names.map((name): [string, unknown] => [name, read(name)]);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
}
