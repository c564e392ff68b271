import { expect, test } from 'vitest';
import { judgeProcessor, type Stance } from './stand-back.ts';

function judge(idleShares: readonly number[], from: Stance = { processor: 'scarce', roomyTicks: 0 }): string[] {
  let stance = from;
  return idleShares.map((share) => {
    stance = judgeProcessor(stance, share);
    return stance.processor;
  });
}

const spare: Stance = { processor: 'spare', roomyTicks: 9 };

test('there is processor to spare only when that lasts', () => {
  expect(judge([0.5, 0.5, 0.5, 0.5, 0.5])).toEqual(['scarce', 'scarce', 'scarce', 'scarce', 'spare']);
  expect(judge([0.5, 0.5, 0.5, 0.5, 0.2, 0.5, 0.5, 0.5, 0.5])).not.toContain('spare');
});

test('that it is scarce counts at once', () => {
  expect(judge([0.5, 0.1, 0.5], spare)).toEqual(['spare', 'scarce', 'scarce']);
});

test('between both it stays as it was', () => {
  expect(judge([0.2, 0.2, 0.2], spare)).toEqual(['spare', 'spare', 'spare']);
  expect(judge([0.2, 0.2, 0.2])).toEqual(['scarce', 'scarce', 'scarce']);
});
