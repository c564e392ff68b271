import type { Server } from '#services/kit/server';
import { revocationsPath, revocationsSchema } from '../contract.ts';
import { addInteraction } from './interaction.ts';
import { followProvider, type OauthDeps } from './provider.ts';
import { listRevoked } from './revocations.ts';

/** Adds the authorisation server for third parties (OAuth 2.0), as the gateway passes it on under the same paths. */
export function addOauth(app: Server, deps: OauthDeps): void {
  const provide = followProvider(deps);
  const schema = {
    summary: 'Third parties’ tokens that are good no more',
    tags: ['oauth'],
    response: { 200: revocationsSchema },
  };
  app.get(revocationsPath, { schema }, async () => ({ revoked: await listRevoked(deps.db, deps.now()) }));
  app.register(async (scope) => addInteraction(scope as never, deps, provide));
  app.register(async (scope) => {
    // The library reads the body by itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const { host, protocol } = new URL(deps.issuer);
    for (const url of ['/oauth/*', '/.well-known/oauth-authorization-server']) {
      scope.route({
        method: ['GET', 'POST', 'OPTIONS'],
        url,
        schema: { hide: true },
        handler: async (request, reply) => {
          const provider = await provide();
          Object.assign(request.raw.headers, {
            host,
            'x-forwarded-host': host,
            'x-forwarded-proto': protocol.slice(0, -1),
          });
          reply.hijack();
          await provider.callback()(request.raw, reply.raw);
        },
      });
    }
  });
}
