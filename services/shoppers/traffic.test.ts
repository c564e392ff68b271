import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { planSession } from './plan-session.ts';
import { createRandom } from './random.ts';
import { startTraffic, type TrafficOptions } from './traffic.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function traffic(options: Partial<TrafficOptions>) {
  return startTraffic({
    visitsPerSecond: () => 10,
    nextPlan: () => planSession(createRandom(1), { flashSale: false }),
    visit: async () => {},
    random: createRandom(7),
    now: () => Date.now(),
    maxVisits: 50,
    onShed: () => {},
    ...options,
  });
}

describe('shoppers', () => {
  it('come at the rate wanted, and at the new one as soon as it changes', async () => {
    let rate = 10;
    let visits = 0;
    const running = traffic({
      visitsPerSecond: () => rate,
      visit: async () => {
        visits += 1;
      },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(visits).toBeGreaterThan(520);
    expect(visits).toBeLessThan(680);
    rate = 0;
    await vi.advanceTimersByTimeAsync(500);
    const before = visits;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(visits).toBe(before);
    rate = 50;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(visits - before).toBeGreaterThan(2_750);
    expect(visits - before).toBeLessThan(3_250);
    await running.stop();
  });

  it('keep coming while nobody is served, but never more at once than allowed: the rest is counted', async () => {
    let shed = 0;
    const hangs = (_plan: unknown, signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const running = traffic({
      visit: hangs,
      onShed: () => {
        shed += 1;
      },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(running.active()).toBe(50);
    expect(shed).toBeGreaterThan(450);
    await running.stop();
    expect(running.active()).toBe(0);
  });

  it('survive a visit that goes wrong', async () => {
    let visits = 0;
    const running = traffic({
      visit: async () => {
        visits += 1;
        throw new Error('left in anger');
      },
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(visits).toBeGreaterThan(60);
    expect(running.active()).toBe(0);
    await running.stop();
  });
});
