import { expect, test } from 'vitest';
import { type Counters, countIncreases } from './counters.ts';

const watched: Counters = { watchedSinceMs: 100_000, byFingerprint: {} };

function increase(samples: { timestampMs: number; value: number; startMs?: number }[], counters = watched): number {
  const full = samples.map((sample) => ({ fingerprint: 'f', startMs: 0, ...sample }));
  return countIncreases(counters, full).increases.reduce((sum, { increase: one }) => sum + one, 0);
}

test.each<[string, Parameters<typeof increase>[0], number]>([
  [
    'a known counter counts its differences',
    [
      { timestampMs: 1, value: 5 },
      { timestampMs: 2, value: 8 },
    ],
    3,
  ],
  [
    'out of order within a batch',
    [
      { timestampMs: 2, value: 8 },
      { timestampMs: 1, value: 5 },
    ],
    3,
  ],
  [
    'a repeated sample counts once',
    [
      { timestampMs: 1, value: 5 },
      { timestampMs: 2, value: 8 },
      { timestampMs: 2, value: 8 },
    ],
    3,
  ],
  [
    'a reset counts from zero',
    [
      { timestampMs: 1, value: 50 },
      { timestampMs: 2, value: 4 },
    ],
    4,
  ],
  [
    'a restart that outgrew the old value is known by its start',
    [
      { timestampMs: 1, value: 5, startMs: 1 },
      { timestampMs: 2, value: 8, startMs: 2 },
    ],
    8,
  ],
  [
    'the first sample of a series that began while watching is the onset',
    [{ timestampMs: 102_000, value: 7, startMs: 101_000 }],
    7,
  ],
  [
    'a process start before, but a series that would have reported long ago',
    [{ timestampMs: 400_000, value: 7, startMs: 50_000 }],
    7,
  ],
  ['a series older than our watching says nothing yet', [{ timestampMs: 102_000, value: 7_000, startMs: 50_000 }], 0],
  ['a series of unknown start says nothing yet', [{ timestampMs: 400_000, value: 7_000 }], 0],
  [
    'deltas are taken as they are',
    [
      { timestampMs: 102_000, value: 3, startMs: 101_000 },
      { timestampMs: 103_000, value: 5, startMs: 102_000 },
      { timestampMs: 104_000, value: 5, startMs: 103_000 },
    ],
    13,
  ],
])('%s', (_, samples, expected) => {
  expect(increase(samples)).toBe(expected);
});
