import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestStore, type TestStore } from '#telemetry/embedded/test-store';
import { staleMarkerBits } from '../rows.ts';
import { makeCounter } from '../test-rows.ts';
import { createWriter } from '../writer/writer.ts';
import { readConsumerLag, readMessageCounts, readProcessingTimes } from './messaging.ts';

const t0 = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
const steps = { fromMs: t0, toMs: t0 + 60_000, stepSeconds: 10 };

type Point = { timestampMs: number; value: number; startMs?: number };

const points = (startMs: number, ...values: [afterSeconds: number, value: number][]): Point[] =>
  values.map(([after, value]) => ({ timestampMs: t0 + after * 1_000, value, startMs }));

const consumer = (queue: string, more: Record<string, string> = {}): Record<string, string> => ({
  messaging_consumer_group_name: queue,
  ...more,
});

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
  const writer = createWriter({ client: store.client, clock: () => Date.now(), logger: pino({ level: 'silent' }) });
  const sent = 'messaging_client_sent_messages_total';
  const consumed = 'messaging_client_consumed_messages_total';
  const placed = { messaging_destination_name: 'order.placed' };
  const old = t0 - 3_600_000;
  const all = [
    // Long there; 4 before the range. It begins anew at 30 s, and again counts from zero.
    makeCounter(sent, { ...placed, instance: '1' }, [
      ...points(old, [-5, 4], [2, 6], [8, 7], [15, 7], [25, 9]),
      ...points(t0 + 30_000, [35, 3], [38, 5]),
    ]),
    // A second instance of the service, which began in the range.
    makeCounter(sent, { ...placed, instance: '2' }, points(t0 + 1_000, [3, 10], [12, 11])),
    makeCounter(consumed, consumer('mails', { outcome: 'done' }), points(t0 + 100, [4, 2], [14, 6])),
    makeCounter(consumed, consumer('mails', { outcome: 'dead-lettered' }), points(t0 + 100, [44, 1])),
    makeCounter('messaging_process_duration_seconds_sum', consumer('mails'), points(t0 + 100, [4, 0.5], [14, 1.5])),
    makeCounter('messaging_process_duration_seconds_count', consumer('mails'), points(t0 + 100, [4, 2], [14, 6])),
    makeCounter('messaging_consumer_lag', consumer('mails', { instance: '1' }), points(0, [1, 3], [5, 8], [11, 2])),
    makeCounter('messaging_consumer_lag', consumer('mails', { instance: '2' }), points(0, [2, 7], [70, 99])),
  ];
  const gone = makeCounter('messaging_consumer_lag', consumer('gone'), points(0, [1, 1]));
  const stale = gone.samples.map((row) => ({ ...row, valueBits: staleMarkerBits }));
  await writer.appendMetrics(
    {
      series: [...all.flatMap(({ series }) => series), ...gone.series],
      samples: [...all.flatMap(({ samples }) => samples), ...stale],
    },
    'bus',
  );
  await writer.close();
});

afterAll(() => store?.stop());

test('messages are counted by step over instances and restarts, nothing that was there before', async () => {
  const at = (kind: string, name: string, second: number, count: number) => ({
    kind,
    name,
    atMs: t0 + second * 1_000,
    count,
  });
  expect(await readMessageCounts(store.client, steps)).toEqual([
    at('dead-lettered', 'mails', 40, 1),
    at('done', 'mails', 0, 2),
    at('done', 'mails', 10, 4),
    at('published', 'order.placed', 0, 13),
    at('published', 'order.placed', 10, 1),
    at('published', 'order.placed', 20, 2),
    at('published', 'order.placed', 30, 5),
  ]);
});

test('a lag is the most that any instance reported in a step', async () => {
  expect(await readConsumerLag(store.client, steps)).toEqual([
    { queue: 'mails', atMs: t0, lag: 8 },
    { queue: 'mails', atMs: t0 + 10_000, lag: 2 },
  ]);
});

test('time spent is that of the range', async () => {
  expect(await readProcessingTimes(store.client, steps)).toEqual([{ queue: 'mails', seconds: 1.5, messages: 6 }]);
});
