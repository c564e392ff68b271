import { expect, test } from 'vitest';
import { findConcern } from './moderation.ts';

test.each([
  ['Warm and light. Fits as expected, 10/10.', null],
  ['Size 40 is too small, 41 fits. Ordered on 12.11.2026.', null],
  ['A+', null],
  ['cheaper at www.elsewhere.example', 'contains a link'],
  ['see elsewhere.com', 'contains a link'],
  ['write to me: ada@example.com', 'contains an e-mail address'],
  ['call +49 30 1234567', 'contains a telephone number'],
  ['What a scam', 'contains abuse'],
  ['NEVER EVER BUY THIS AGAIN', 'shouts'],
])('%s: %s', (text, concern) => {
  expect(findConcern('Title', text)).toBe(concern);
  expect(findConcern(text, '')).toBe(concern);
});
