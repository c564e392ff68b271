import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { openFlags } from '#services/kit/flags/flags';
import { repeat } from '#services/kit/repeat';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { followFeed } from './follow-feed.ts';
import { manifest } from './manifest.ts';
import { migrations, type SearchTables } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<SearchTables>({ manifest, env, migrations });
  const { db, bus, logger } = service;
  const relay = relayOutbox(service);
  const catalog = createClient({ peer: 'catalog', baseUrl: env.CATALOG_URL, timeoutMs: 3_000 });
  const follow = async (): Promise<void> => {
    const changed = await followFeed({ db, catalog });
    if (changed > 0) logger.info({ changed }, 'indexed products');
  };
  // When told that something changed, and now and then in case nobody told.
  const follower = repeat(follow, { intervalMs: 15_000, logger, name: 'following the change feed' });
  await bus.consume({
    queue: 'search.product.changed',
    types: ['product.changed'],
    handler: async () => follower.wake(),
  });
  const flags = await openFlags({ name: manifest.name, env, logger });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, flags, now: Date.now, logger }),
    stop: [follower.stop, relay.stop, flags.stop],
  });
});
