import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import type { FlagFile } from '#services/kit/flags/flag-file';
import { watchFlagFile } from '#services/kit/flags/watch-file';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { recordChanges } from './flags.ts';
import { manifest } from './manifest.ts';
import { type AdminTables, migrations } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<AdminTables>({ manifest, env, migrations });
  const client = (peer: string, baseUrl: string) => createClient({ peer, baseUrl, timeoutMs: 2_000 });
  const peers = {
    catalog: client('catalog', env.CATALOG_URL),
    inventory: client('inventory', env.INVENTORY_URL),
    orders: client('orders', env.ORDERS_URL),
    reviews: client('reviews', env.REVIEWS_URL),
  };
  const { db, logger } = service;
  const relay = relayOutbox(service);
  // A flag server keeps its own; what is in the file then is not in force.
  const flagsFile = env.FLAGS_OFREP_URL === undefined ? (env.FLAGS_FILE ?? null) : null;
  const onChange = async (flags: FlagFile): Promise<void> => {
    await recordChanges({ db, now: Date.now }, flags);
    relay.wake();
  };
  const stopWatching = flagsFile === null ? [] : [await watchFlagFile({ file: flagsFile, logger, onChange })];
  const options = { db, now: Date.now, token: env.ADMIN_TOKEN, flagsFile, peers };
  await serve(service, {
    addRoutes: (server) => addRoutes(server, options),
    stop: [...stopWatching, relay.stop],
  });
});
