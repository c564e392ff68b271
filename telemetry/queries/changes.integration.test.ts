import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#process/logger';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { makeEvent, makeSpan } from '../test-rows.ts';
import { createWriter } from '../writer/writer.ts';
import { readDeployments, readFlagChanges, readServiceVersions } from './changes.ts';

const t0 = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
const minuteMs = 60_000;
const range = { fromMs: t0, toMs: t0 + 30 * minuteMs };
let store: TestStore;

const spanOf = (minute: number, service: string, version: string) =>
  makeSpan(t0 + minute * minuteMs, {
    ServiceName: service,
    ResourceAttributes: { 'service.name': service, ...(version === '' ? {} : { 'service.version': version }) },
  });

beforeAll(async () => {
  store = await startTestStore();
  const spans = [
    spanOf(1, 'cart', '1.0.0'),
    spanOf(5, 'cart', '1.0.0'),
    spanOf(4, 'cart', '1.1.0'),
    spanOf(9, 'cart', '1.1.0'),
    spanOf(2, 'stranger', ''),
    spanOf(3, 'stranger', '7'),
    spanOf(2, 'old', '1'),
    spanOf(31, 'old', '2'),
  ];
  const flag = { type: 'flag.changed', sessionId: '', orderId: '', amountMinor: 0, currency: '' };
  const change = (from: unknown, to: unknown): string =>
    JSON.stringify({ flag: 'one-page', from, to, author: 'maria' });
  for (const request of ['once', 'and again']) {
    const writer = createWriter({ client: store.client, clock: () => Date.now(), logger: createLogger('test') });
    await writer.appendTraces(spans, request);
    await writer.appendEvents([
      makeEvent(t0 + 6 * minuteMs, { ...flag, id: 'f1', data: change('off', 'on') }),
      makeEvent(t0 + 7 * minuteMs, { ...flag, id: 'f2', data: change(false, true) }),
      makeEvent(t0 + 8 * minuteMs, { id: 'o1' }),
      makeEvent(t0 + 30 * minuteMs, { ...flag, id: 'f3', data: change('on', 'off') }),
    ]);
    await writer.close();
  }
});

afterAll(() => store.stop());

test('each version of a service has the times of its first and its last span', async () => {
  const seen = await readServiceVersions(store.client, t0);
  const rows = seen.map(({ service, version, firstSeenMs, lastSeenMs }) => [
    `${service} ${version}`,
    (firstSeenMs - t0) / minuteMs,
    (lastSeenMs - t0) / minuteMs,
  ]);
  expect(rows).toEqual([
    ['cart 1.1.0', 4, 9],
    ['cart 1.0.0', 1, 5],
    ['old 2', 31, 31],
    ['old 1', 2, 2],
    ['stranger 7', 3, 3],
    ['stranger ', 2, 2],
  ]);
  expect((await readServiceVersions(store.client, t0 + 10 * minuteMs)).map(({ version }) => version)).toEqual(['2']);
});

test('a new version is a deployment, the first of all is none, nor is one outside of the time', async () => {
  expect(await readDeployments(store.client, range)).toEqual([
    { service: 'cart', version: '1.1.0', atMs: t0 + 4 * minuteMs },
  ]);
});

test('a change of a flag counts once, with its values as people write them', async () => {
  const author = 'maria';
  expect(await readFlagChanges(store.client, range)).toEqual([
    { atMs: t0 + 6 * minuteMs, flag: 'one-page', from: 'off', to: 'on', author },
    { atMs: t0 + 7 * minuteMs, flag: 'one-page', from: 'false', to: 'true', author },
  ]);
});
