import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHub } from './hub.ts';
import { openStream } from './stream.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it('a value is sent when it is looked at first, and again only once it has changed', async () => {
  let value = { orders: 1 };
  const hub = createHub({
    load: async () => ({ ...value }),
    pollMs: 2_000,
    clock: () => Date.now(),
    onError: (_topic, error) => expect.fail(String(error)),
  });
  const reader = openStream(hub, ['faults'], () => Date.now()).getReader();
  const snapshots: unknown[] = [];
  const listen = async (): Promise<void> => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const [, data] = /^event: snapshot\ndata: (.*)\n\n$/.exec(new TextDecoder().decode(read.value)) ?? [];
      if (data !== undefined) snapshots.push(JSON.parse(data));
    }
  };
  const listening = listen();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(snapshots).toEqual([{ topic: 'faults', atMs: 1_000_000, value: { orders: 1 } }]);
  value = { orders: 2 };
  await vi.advanceTimersByTimeAsync(5_000);
  expect(snapshots).toEqual([
    { topic: 'faults', atMs: 1_000_000, value: { orders: 1 } },
    { topic: 'faults', atMs: 1_006_000, value: { orders: 2 } },
  ]);
  await reader.cancel();
  await listening;
});
