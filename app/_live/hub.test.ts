import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHub, type Snapshot } from './hub.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function countingHub() {
  const reads: string[] = [];
  const errors: string[] = [];
  let fail = false;
  const hub = createHub({
    load: async (topic) => {
      reads.push(topic);
      if (fail) throw new Error('away');
      return { topic, read: reads.length };
    },
    pollMs: 2_000,
    clock: () => Date.now(),
    onError: (topic) => errors.push(topic),
  });
  return { hub, reads, errors, setFail: (value: boolean) => (fail = value) };
}

it('two who watch the same topic cost one read per poll', async () => {
  const { hub, reads } = countingHub();
  const seen: Snapshot[][] = [[], []];
  hub.subscribe('faults', (snapshot) => seen[0]?.push(snapshot));
  hub.subscribe('faults', (snapshot) => seen[1]?.push(snapshot));
  await vi.advanceTimersByTimeAsync(4_100);
  expect(reads).toHaveLength(3);
  expect(seen[0]).toHaveLength(3);
  expect(seen[1]).toHaveLength(3);
});

it('nothing is read once nobody watches', async () => {
  const { hub, reads } = countingHub();
  const stop = hub.subscribe('faults', () => {});
  await vi.advanceTimersByTimeAsync(100);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reads).toHaveLength(1);
});

it('a nudge is read at once, and only where it matches', async () => {
  const { hub, reads } = countingHub();
  hub.subscribe('faults', () => {});
  hub.subscribe('chaos', () => {});
  await vi.advanceTimersByTimeAsync(500);
  hub.nudge((topic) => topic === 'chaos');
  await vi.advanceTimersByTimeAsync(1);
  expect(reads).toEqual(['faults', 'chaos', 'chaos']);
});

it('goes on polling after a failed read', async () => {
  const { hub, errors, setFail } = countingHub();
  const seen: Snapshot[] = [];
  setFail(true);
  hub.subscribe('faults', (snapshot) => seen.push(snapshot));
  await vi.advanceTimersByTimeAsync(100);
  setFail(false);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(errors).toEqual(['faults']);
  expect(seen).toHaveLength(1);
});

it('a first view and the live stream share a fresh value', async () => {
  const { hub, reads } = countingHub();
  await hub.read('overview');
  hub.subscribe('overview', () => {});
  await vi.advanceTimersByTimeAsync(100);
  expect(reads).toHaveLength(1);
});
