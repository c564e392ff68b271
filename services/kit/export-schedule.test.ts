import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ExportSchedule, hurryOnErrors, scheduleExports } from './export-schedule.ts';

const startMs = Date.UTC(2026, 0, 1, 0, 0, 1);
let exportedMs: number[];
let schedule: ExportSchedule;

beforeEach(() => {
  vi.useFakeTimers({ now: startMs, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  exportedMs = [];
  const processor = {
    forceFlush: () => {
      exportedMs.push(Date.now() - startMs);
      return Promise.reject(new Error('the receiver is away'));
    },
  };
  schedule = scheduleExports({ processors: [processor], everyMs: 3_000, random: () => 0.5 });
});

afterEach(() => {
  schedule.stop();
  vi.useRealTimers();
});

test('exports at times that all processes have in common, each a little apart, though exports fail', () => {
  vi.advanceTimersByTime(9_000);
  // Multiples of three seconds by the clock, and half of 400 ms.
  expect(exportedMs).toEqual([2_200, 5_200, 8_200]);
});

test('an error is exported soon, with those that come right after it', () => {
  vi.advanceTimersByTime(2_300);
  for (let n = 0; n < 20; n += 1) {
    schedule.hurry();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(100);
  expect(exportedMs).toEqual([2_200, 2_550]);
});

test('many errors in a row are exported once a second', () => {
  vi.advanceTimersByTime(2_300);
  for (let n = 0; n < 300; n += 1) {
    schedule.hurry();
    vi.advanceTimersByTime(10);
  }
  expect(exportedMs).toEqual([2_200, 2_550, 3_550, 4_550, 5_200]);
});

test('only a span that has failed hurries', () => {
  const hurry = vi.fn();
  const processor = hurryOnErrors({ hurry });
  for (const code of [SpanStatusCode.UNSET, SpanStatusCode.OK]) processor.onEnd({ status: { code } } as ReadableSpan);
  expect(hurry).not.toHaveBeenCalled();
  processor.onEnd({ status: { code: SpanStatusCode.ERROR } } as ReadableSpan);
  expect(hurry).toHaveBeenCalledOnce();
});
