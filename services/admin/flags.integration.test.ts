import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createClient } from '#services/kit/fetch';
import { parseFlagFile } from '#services/kit/flags/flag-file';
import type { Server } from '#services/kit/server';
import { openTestService, type TestService } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { recordChanges } from './flags.ts';
import { manifest } from './manifest.ts';
import { type AdminTables, migrations } from './schema.ts';

const token = 'a-staff-token-of-at-least-thirty-two-characters';
const staff = { authorization: `Bearer ${token}`, 'x-actor': 'grace' };
const now = (): number => Date.UTC(2026, 0, 1);
let service: TestService<AdminTables>;
let db: Kysely<AdminTables>;
let folder: string;
let file: string;
let app: Server;
let elsewhere: Server;

beforeAll(async () => {
  service = await openTestService<AdminTables>({ manifest, migrations });
  ({ db } = service);
  folder = mkdtempSync(path.join(tmpdir(), 'bellwether-flags-'));
  file = path.join(folder, 'flags.json');
  [app, elsewhere] = await Promise.all([serve(file), serve(null)]);
});

afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true });
});

async function serve(flagsFile: string | null): Promise<Server> {
  const server = await service.newServer();
  const nobody = createClient({ peer: 'nobody', baseUrl: 'http://127.0.0.1:9', timeoutMs: 1_000 });
  const peers = { catalog: nobody, inventory: nobody, orders: nobody, reviews: nobody };
  addRoutes(server, { db, now, token, flagsFile, peers });
  return server;
}

const flag = (defaultVariant: string) => ({ state: 'ENABLED', variants: { on: true, off: false }, defaultVariant });

function edit(flags: Record<string, object>): void {
  writeFileSync(file, JSON.stringify({ $schema: 'https://flagd.dev/schema/v0/flags.json', flags }));
}

/** What admin does when it sees that the file has changed. */
const notice = (): Promise<void> => recordChanges({ db, now }, parseFlagFile(readFileSync(file, 'utf8'), file));

beforeEach(async () => {
  edit({ a: flag('on'), b: flag('off') });
  await notice();
  await db.deleteFrom('outbox').execute();
});

function set(key: string, payload: object, headers: Record<string, string> = staff, server = app) {
  return server.inject({ method: 'PUT', url: `/admin/flags/${key}`, headers, payload });
}

async function readAudit(): Promise<Record<string, unknown>[]> {
  const { items } = (await app.inject({ url: '/admin/audit', headers: staff })).json();
  return items.map(({ actor, action, target }: Record<string, unknown>) => ({ actor, action, target }));
}

async function readEvents(): Promise<Record<string, unknown>[]> {
  const rows = await db.selectFrom('outbox').select('event').orderBy('seq').execute();
  return rows.map(({ event }) => ({ type: event.type, ...event.data }));
}

test('a flag is set in the file; who did it is written down, and everybody is told, once', async () => {
  const response = await set('a', { variant: 'off' });
  expect([response.statusCode, response.json()]).toEqual([200, { key: 'a', says: 'off', variants: ['on', 'off'] }]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    $schema: 'https://flagd.dev/schema/v0/flags.json',
    flags: { a: flag('off'), b: flag('off') },
  });
  await notice();
  expect((await readAudit())[0]).toEqual({ actor: 'grace', action: 'flag.set', target: 'a' });
  expect(await readEvents()).toEqual([{ type: 'flag.changed', flag: 'a', from: 'on', to: 'off', author: 'grace' }]);
  expect((await app.inject({ url: '/admin/flags', headers: staff })).json().items).toEqual([
    { key: 'a', says: 'off', variants: ['on', 'off'] },
    { key: 'b', says: 'off', variants: ['on', 'off'] },
  ]);
});

test('what is edited by hand is written down as that, also when it was not seen before somebody sets a flag', async () => {
  edit({ a: { ...flag('on'), targeting: { if: [true, 'off'] } }, c: flag('on') });
  await notice();
  const targeted = { type: 'flag.changed', flag: 'a', from: 'on', to: 'on, with targeting', author: 'by hand' };
  const gone = { type: 'flag.changed', flag: 'b', from: 'off', to: 'absent', author: 'by hand' };
  const come = { type: 'flag.changed', flag: 'c', from: 'absent', to: 'on', author: 'by hand' };
  expect(await readEvents()).toEqual([targeted, gone, come]);
  edit({ a: { ...flag('on'), state: 'DISABLED' }, c: flag('on') });
  await set('c', { variant: 'off' });
  expect((await readEvents()).slice(3)).toEqual([
    { type: 'flag.changed', flag: 'a', from: 'on, with targeting', to: 'disabled', author: 'by hand' },
    { type: 'flag.changed', flag: 'c', from: 'on', to: 'off', author: 'grace' },
  ]);
  expect((await readAudit()).slice(0, 2).map(({ actor }) => actor)).toEqual(['grace', 'by hand']);
});

test('a flag that says so already is no change', async () => {
  expect((await set('a', { variant: 'on' })).statusCode).toBe(200);
  expect(await readEvents()).toEqual([]);
});

test('of changes at once none is lost, in the file or in the log', async () => {
  const changes = Array.from({ length: 10 }, (_, n) => set(n % 2 === 0 ? 'a' : 'b', { variant: n < 5 ? 'on' : 'off' }));
  expect((await Promise.all(changes)).map(({ statusCode }) => statusCode)).toEqual(
    Array.from({ length: 10 }, () => 200),
  );
  const { flags } = JSON.parse(readFileSync(file, 'utf8'));
  const events = await readEvents();
  for (const key of ['a', 'b']) {
    const last = events.findLast((event) => event.flag === key);
    if (last !== undefined) expect(flags[key].defaultVariant).toBe(last.to);
  }
  await notice();
  expect(await readEvents()).toEqual(events);
});

test.each([
  ['unknown', { variant: 'on' }, staff, 404, 'unknown_flag'],
  ['a', { variant: 'maybe' }, staff, 422, 'unknown_variant'],
  ['a', { variant: 'off', note: 'x' }, staff, 400, 'validation_failed'],
  ['a', { variant: 'off' }, { 'x-actor': 'eve' }, 401, 'staff_only'],
])('setting %s to %o is refused', async (key, payload, headers, status, code) => {
  const response = await set(key, payload, headers as Record<string, string>);
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
  expect(await readEvents()).toEqual([]);
});

test('flags that are kept elsewhere are set elsewhere', async () => {
  const response = await set('a', { variant: 'off' }, staff, elsewhere);
  expect([response.statusCode, response.json().code]).toEqual([409, 'flags_elsewhere']);
});
