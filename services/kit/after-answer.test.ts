import { expect, test } from 'vitest';
import { afterAnswer, allDone } from './after-answer.ts';

test('what is left for later is done after what is under way, in its order, though something in it fails', async () => {
  const done: string[] = [];
  afterAnswer(() => done.push('first'));
  afterAnswer(() => {
    afterAnswer(() => done.push('third'));
    throw new Error('a bug');
  });
  afterAnswer(() => done.push('second'));
  await Promise.resolve().then(() => done.push('answer'));
  expect(done).toEqual(['answer']);
  await allDone();
  expect(done).toEqual(['answer', 'first', 'second']);
  await allDone();
  expect(done).toEqual(['answer', 'first', 'second', 'third']);
});
