import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Kysely } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CloudEvent } from '#process/bus/cloud-event';
import { UnansweredError } from '#services/kit/downstream';
import { renderOpenapi } from '#services/kit/openapi';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { acceptEvent, nextDigest } from './accept.ts';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import { createMailbox, createSmtpProvider, type Provider } from './providers.ts';
import { migrations, type NotificationsTables } from './schema.ts';
import { retryDelayMs, sendDue } from './send.ts';

const userId = randomUUID();
let now = new Date(Date.UTC(2026, 0, 1, 12));
let service: TestService<NotificationsTables>;
let db: Kysely<NotificationsTables>;
let app: Server;
let smtp: SMTPServer;
let provider: Provider;
/** What the mail server took. */
let received: { to: string[]; text: string }[] = [];
/** The code with which the mail server refuses, or null. */
let refusal: number | null = null;
/** Who owns the addresses; null: nobody left one; 'away': cannot be asked. */
let address: string | null | 'away' = 'ada@example.com';

beforeAll(async () => {
  service = await openTestService<NotificationsTables>({ manifest, migrations });
  ({ db } = service);
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => {
      if (refusal === null) return done();
      done(Object.assign(new Error('refused for ada@example.com'), { responseCode: refusal }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push({ to: session.envelope.rcptTo.map((to) => to.address), text: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  const listening = smtp.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  provider = createSmtpProvider({ url: `smtp://127.0.0.1:${port}`, from: 'shop@bellwether.example' });
  app = await service.newServer();
  addRoutes(app, { db, now: () => now, due: () => {} });
});

afterAll(async () => {
  provider?.stop();
  await new Promise<void>((resolve) => smtp?.close(() => resolve()));
  await service?.stop();
});

beforeEach(async () => {
  for (const table of ['messages', 'preferences', 'mailbox', 'outbox'] as const) await db.deleteFrom(table).execute();
  received = [];
  refusal = null;
  address = 'ada@example.com';
  now = new Date(Date.UTC(2026, 0, 1, 12));
});

function confirmed(data: Record<string, unknown> = {}): CloudEvent {
  const orderId = randomUUID();
  const lines = [{ sku: 'BW-0001-BLK-M', name: 'Merino jumper', quantity: 2, unitPriceMinor: 5_990 }];
  return {
    ...{ specversion: '1.0', id: randomUUID(), source: '/services/orders', type: 'order.confirmed', subject: orderId },
    ...{ time: now.toISOString(), datacontenttype: 'application/json' },
    data: { orderId, userId: null, totalMinor: 11_980, currency: 'EUR', lines, ...data },
  };
}

async function send(through = provider): Promise<number> {
  const findRecipient = async (): Promise<string | null> => {
    if (address === 'away') throw new UnansweredError('orders', 'refused');
    return address;
  };
  return sendDue({ db, provider: through, findRecipient, now: () => now });
}

async function messages() {
  return (await app.inject('/messages')).json().items;
}

describe('a message', () => {
  test('is sent through the mail server, told of, and neither address nor words are kept', async () => {
    const event = confirmed();
    await acceptEvent(db, event, now);
    await acceptEvent(db, event, now);
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    expect(received).toHaveLength(1);
    expect(received[0]?.to).toEqual(['ada@example.com']);
    expect(received[0]?.text).toContain('Merino jumper');
    expect(received[0]?.text).toContain(`<${event.id}@bellwether.example>`);
    expect(await messages()).toMatchObject([{ messageId: event.id, status: 'sent', attempts: 1 }]);
    const stored = JSON.stringify([
      await db.selectFrom('messages').selectAll().execute(),
      await db.selectFrom('outbox').select('event').execute(),
    ]);
    expect(stored).toContain('notification.sent');
    expect(stored).not.toContain('ada@example.com');
    expect(stored).not.toContain('Merino');
  });

  test.each([
    [451, 'waiting', 'a mail server that is busy'],
    [550, 'failed', 'a mail server that does not know the address'],
  ])('after SMTP %i is %s: %s', async (code, status) => {
    refusal = code;
    await acceptEvent(db, confirmed(), now);
    await send();
    const [message] = await messages();
    expect(message).toMatchObject({ status, reason: `SMTP ${code}`, attempts: 1 });
    refusal = null;
    now = new Date(now.getTime() + retryDelayMs(1));
    expect(await send()).toBe(status === 'waiting' ? 1 : 0);
  });

  test('waits while nobody can say where to, longer each time, fails in the end, and can be tried again', async () => {
    address = 'away';
    await acceptEvent(db, confirmed(), now);
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect(await send()).toBe(1);
      expect(await send()).toBe(0);
      now = new Date(now.getTime() + retryDelayMs(attempt));
    }
    const [message] = await messages();
    expect(message).toMatchObject({ status: 'failed', attempts: 10 });
    address = 'ada@example.com';
    const url = `/messages/${message.messageId}/retry`;
    expect((await app.inject({ method: 'POST', url })).json()).toMatchObject({ status: 'waiting' });
    await send();
    expect(await messages()).toMatchObject([{ status: 'sent' }]);
    expect((await app.inject({ method: 'POST', url })).json()).toMatchObject({ status: 409, code: 'not_failed' });
  });

  test('to somebody who left no address is skipped', async () => {
    address = null;
    await acceptEvent(db, confirmed(), now);
    await send();
    expect(await messages()).toMatchObject([{ status: 'skipped', reason: 'no address' }]);
  });

  test('without a mail server is kept in the mailbox', async () => {
    await acceptEvent(db, confirmed(), now);
    await send(createMailbox(db));
    const kept = await db.selectFrom('mailbox').select(['recipient', 'subject']).execute();
    expect(kept).toMatchObject([{ recipient: 'ada@example.com' }]);
  });

  test('is sent once by several senders at a time', async () => {
    for (let count = 0; count < 10; count += 1) await acceptEvent(db, confirmed(), now);
    const drain = async (): Promise<void> => {
      while ((await send()) > 0);
    };
    await Promise.all([drain(), drain(), drain()]);
    while ((await send()) > 0);
    expect(received).toHaveLength(10);
  });
});

describe('preferences', () => {
  const prefer = (payload: object) => app.inject({ method: 'PUT', url: `/users/${userId}/preferences`, payload });

  test('are that all is wanted until somebody says otherwise', async () => {
    const url = `/users/${userId}/preferences`;
    expect((await app.inject(url)).json()).toEqual({ orders: 'each', account: 'each' });
    await prefer({ orders: 'none' });
    expect((await app.inject(url)).json()).toEqual({ orders: 'none', account: 'each' });
    expect((await prefer({ orders: 'sometimes' })).statusCode).toBe(400);
    expect((await prefer({ marketing: 'each' })).statusCode).toBe(400);
  });

  test('none: nothing is sent', async () => {
    await prefer({ orders: 'none' });
    await acceptEvent(db, confirmed({ userId }), now);
    expect(await send()).toBe(0);
    expect(await messages()).toMatchObject([{ status: 'skipped', reason: 'not wanted' }]);
  });

  test('daily: one mail in the morning with all of the day', async () => {
    await prefer({ orders: 'daily' });
    for (let count = 0; count < 3; count += 1) await acceptEvent(db, confirmed({ userId }), now);
    expect(await send()).toBe(0);
    now = nextDigest(now);
    expect(now.toISOString()).toBe('2026-01-02T07:00:00.000Z');
    expect(await send()).toBe(3);
    expect(received).toHaveLength(1);
    expect(received[0]?.text).toContain('3 messages from the shop');
  });

  test('of somebody who left are gone, and what waited is not sent', async () => {
    await prefer({ orders: 'daily' });
    await acceptEvent(db, confirmed({ userId }), now);
    await acceptEvent(db, { ...confirmed(), type: 'user.deleted', data: { userId } }, now);
    now = nextDigest(now);
    expect(await send()).toBe(0);
    expect(await db.selectFrom('preferences').selectAll().execute()).toEqual([]);
  });
});

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
});
