import { runMain } from '#process/shutdown';
import { repeat } from '#services/kit/repeat';
import { createReader } from '#services/kit/replica/reader';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { apiScopes } from './contract.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { registerClient } from './oauth/clients.ts';
import { sweepOauth } from './oauth/revocations.ts';
import { migrations, type UsersTables } from './schema.ts';
import { createSigningKeys } from './signing-keys.ts';
import { sweepSessions } from './store.ts';

const sweepMs = 600_000;

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<UsersTables>({ manifest, env, migrations });
  const { db, logger } = service;
  const relay = relayOutbox(service);
  const replica = { replicaUrl: env.USERS_REPLICA_URL, maxLagMs: env.REPLICA_MAX_LAG_MS };
  const reader = createReader({ db, ...replica, name: manifest.name, logger });
  const keys = createSigningKeys({ db, secret: env.USERS_KEY_SECRET, now: Date.now });
  const sweep = { intervalMs: sweepMs, logger, name: 'removing old sessions' };
  const sweepAll = async (): Promise<void> => {
    await sweepSessions(db, new Date());
    await sweepOauth(db, Date.now());
  };
  const sweeping = repeat(sweepAll, sweep);
  if (env.OAUTH_CLIENT_SECRET !== undefined) {
    await registerClient(db, {
      ...{ clientId: env.OAUTH_CLIENT_ID, name: 'Partner feed', secret: env.OAUTH_CLIENT_SECRET },
      ...{ redirectUris: env.OAUTH_CLIENT_REDIRECT_URIS, scopes: Object.keys(apiScopes) },
    });
  }
  const oauth = { issuer: env.OAUTH_ISSUER, cookieSecret: env.USERS_KEY_SECRET, logger };
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, reader, keys, oauth, now: Date.now, changed: relay.wake }),
    stop: [sweeping.stop, relay.stop, reader.stop],
  });
});
