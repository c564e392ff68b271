import { runMain } from '#process/shutdown';
import { startInboxSweep } from '#services/kit/inbox';
import { openService, serve } from '#services/kit/service';
import { addRoutes } from './app.ts';
import { countEvent, eventTypes, queue } from './count.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { type AnalyticsTables, migrations } from './schema.ts';

runMain(manifest.name, async () => {
  const service = await openService<AnalyticsTables>({ manifest, env: readEnv(), migrations });
  const { db, bus, logger } = service;
  await bus.consume({ queue, types: eventTypes, handler: (event) => countEvent(db, event) });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, now: Date.now }),
    stop: [startInboxSweep(db, logger)],
  });
});
