import { listen } from '#process/health';
import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { repeat } from '#services/kit/repeat';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { buildAcquirer } from './acquirer/app.ts';
import { closeDisputes } from './acquirer/books.ts';
import { deliverDue } from './acquirer/notify.ts';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { reconcile } from './reconcile.ts';
import { type PaymentsDatabase, paymentsMigrations } from './schema.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<PaymentsDatabase>({ manifest, env, migrations: paymentsMigrations });
  const { db } = service;
  const now = (): Date => new Date();
  const acquirer = buildAcquirer({ db, now, random: Math.random });
  await acquirer.ready();
  const [, socket] = env.sockets;
  await listen(acquirer.server, { host: env.host, port: env.ACQUIRER_PORT, variable: 'ACQUIRER_PORT', fd: socket });
  const relay = relayOutbox(service);
  const client = createClient({ peer: 'acquirer', baseUrl: env.ACQUIRER_URL, timeoutMs: 900 });
  const deps = { db, acquirer: client, now, onEvents: relay.wake, webhookSecret: env.ACQUIRER_WEBHOOK_SECRET };
  const books = repeat(() => reconcile(deps), { intervalMs: 5_000, logger: service.logger, name: 'reconciliation' });
  const notices = { db, url: env.ACQUIRER_WEBHOOK_URL, secret: env.ACQUIRER_WEBHOOK_SECRET, now };
  const goOn = async (): Promise<void> => {
    await closeDisputes(db, now());
    await deliverDue(notices);
  };
  const telling = repeat(goOn, { intervalMs: 1_000, logger: service.logger, name: 'the acquirer' });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, deps),
    alongside: [acquirer.server],
    stop: [books.stop, telling.stop, () => acquirer.close(), relay.stop],
  });
});
