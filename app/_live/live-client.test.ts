import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Snapshot } from './hub.ts';
import { createLiveClient } from './live-client.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeSource {
  readonly listeners = new Map<string, (event: { data?: unknown }) => void>();
  readonly url: string;
  closed = false;
  constructor(url: string) {
    this.url = url;
  }
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }
  emit(type: string, data?: string): void {
    this.listeners.get(type)?.({ data });
  }
  close(): void {
    this.closed = true;
  }
}

function connect() {
  const sources: FakeSource[] = [];
  const snapshots: Snapshot[] = [];
  const client = createLiveClient({
    open: (url) => {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
    clock: () => Date.now(),
    onSnapshot: (snapshot) => snapshots.push(snapshot),
  });
  const last = (): FakeSource => sources.at(-1) ?? expect.fail('no stream was opened');
  return { client, sources, snapshots, last };
}

it('all topics of a page travel in one stream', async () => {
  const { client, sources, last } = connect();
  client.watch('shell');
  client.watch('overview?range=15m');
  await vi.advanceTimersByTimeAsync(100);
  expect(sources).toHaveLength(1);
  expect(last().url).toBe('/api/live?topic=overview%3Frange%3D15m&topic=shell');
  client.close();
});

it('reconnects by itself with growing pauses and says so meanwhile', async () => {
  const { client, sources, last } = connect();
  client.watch('shell');
  await vi.advanceTimersByTimeAsync(100);
  last().emit('beat', '1');
  expect(client.status().state).toBe('live');
  last().emit('error');
  expect(client.status().state).toBe('reconnecting');
  await vi.advanceTimersByTimeAsync(600);
  expect(sources).toHaveLength(2);
  last().emit('error');
  await vi.advanceTimersByTimeAsync(600);
  expect(sources).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(600);
  expect(sources).toHaveLength(3);
  last().emit('beat', '2');
  expect(client.status().state).toBe('live');
  client.close();
});

it('a stream that falls silent is not live', async () => {
  const { client, sources, last } = connect();
  client.watch('shell');
  await vi.advanceTimersByTimeAsync(100);
  last().emit('beat', '1');
  const silent = last();
  await vi.advanceTimersByTimeAsync(7_500);
  expect(client.status().state).toBe('reconnecting');
  expect(silent.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(600);
  expect(sources).toHaveLength(2);
  client.close();
});

it('what a replaced stream still says is not believed', async () => {
  const { client, snapshots, last } = connect();
  const stop = client.watch('faults');
  await vi.advanceTimersByTimeAsync(100);
  const old = last();
  client.watch('chaos');
  stop();
  await vi.advanceTimersByTimeAsync(100);
  expect(last().url).toBe('/api/live?topic=chaos');
  old.emit('snapshot', '{"topic":"faults","atMs":1,"value":1}');
  last().emit('snapshot', '{"topic":"chaos","atMs":2,"value":2}');
  expect(snapshots).toEqual([{ topic: 'chaos', atMs: 2, value: 2 }]);
  client.close();
});
