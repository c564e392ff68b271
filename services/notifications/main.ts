import { runMain } from '#process/shutdown';
import { createClient } from '#services/kit/fetch';
import { repeat } from '#services/kit/repeat';
import { openService, relayOutbox, serve } from '#services/kit/service';
import { acceptEvent, eventTypes } from './accept.ts';
import { addRoutes } from './app.ts';
import { readEnv } from './env.ts';
import { manifest } from './manifest.ts';
import { createMailbox, createSmtpProvider } from './providers.ts';
import { createFindRecipient } from './recipients.ts';
import { migrations, type NotificationsTables } from './schema.ts';
import { sendDue } from './send.ts';

runMain(manifest.name, async () => {
  const env = readEnv();
  const service = await openService<NotificationsTables>({ manifest, env, migrations });
  const { db, bus, logger } = service;
  const relay = relayOutbox(service);
  const client = (peer: string, baseUrl: string) => createClient({ peer, baseUrl, timeoutMs: 2_000 });
  const findRecipient = createFindRecipient({
    orders: client('orders', env.ORDERS_URL),
    users: client('users', env.USERS_URL),
  });
  if (env.SMTP_URL === undefined) logger.info('SMTP_URL is not set: mails are kept in the mailbox table');
  const provider =
    env.SMTP_URL === undefined ? createMailbox(db) : createSmtpProvider({ url: env.SMTP_URL, from: env.MAIL_FROM });
  const now = (): Date => new Date();
  const send = async (): Promise<boolean> => (await sendDue({ db, provider, findRecipient, now })) > 0;
  const sender = repeat(send, { intervalMs: 2_000, logger, name: 'sending mails' });
  await bus.consume({
    queue: 'notifications.events',
    types: eventTypes,
    handler: async (event) => {
      await acceptEvent(db, event, now());
      sender.wake();
    },
  });
  await serve(service, {
    addRoutes: (server) => addRoutes(server, { db, now, due: sender.wake }),
    stop: [sender.stop, async () => provider.stop(), relay.stop],
  });
});
