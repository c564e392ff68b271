import { expect, test, vi } from 'vitest';
import { createLogger } from '#process/logger';
import { repeat } from './repeat.ts';

const logger = createLogger('test');
logger.level = 'silent';
const never = { intervalMs: 1_000_000, logger, name: 'work' };

test('it is done at once, again when woken, and at once again while there is more to do', async () => {
  const left = [false, true, true, false, false];
  let done = 0;
  const work = repeat(async () => {
    done += 1;
    return left.shift();
  }, never);
  expect(done).toBe(1);
  await vi.waitFor(() => {
    work.wake();
    expect(done).toBeGreaterThanOrEqual(4);
  });
  await work.stop();
});

test('who wakes it while it works is not forgotten', async () => {
  let release = (): void => {};
  let done = 0;
  const work = repeat(async () => {
    done += 1;
    if (done === 1) await new Promise<void>((resolve) => (release = resolve));
  }, never);
  work.wake();
  release();
  await vi.waitFor(() => expect(done).toBe(2));
  await work.stop();
});

test('a failure does not end it; who stops it waits for what is under way, and nothing comes after', async () => {
  let done = 0;
  let release = (): void => {};
  const work = repeat(
    async () => {
      done += 1;
      if (done === 1) throw new Error('once');
      await new Promise<void>((resolve) => (release = resolve));
    },
    { ...never, intervalMs: 1 },
  );
  await vi.waitFor(() => expect(done).toBe(2));
  let stopped = false;
  const stopping = work.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  release();
  await stopping;
  expect(done).toBe(2);
});
