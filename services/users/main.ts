import { runMain } from '#process/shutdown';
import { repeat } from '#services/kit/repeat';
import { createReader } from '#services/kit/replica/reader';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
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
  const sweeping = repeat(() => sweepSessions(db, new Date()), sweep);
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, reader, keys, now: Date.now, changed: relay.wake }),
    stop: [sweeping.stop, relay.stop, reader.stop],
  });
});
