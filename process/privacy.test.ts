import { expect, test } from 'vitest';
import { hidePersonal, holdsCard } from './privacy.ts';

test.each([
  ['4111 1111 1111 1111', true],
  ['5500-0000-0000-0004', true],
  ['378282246310005', true],
  ['4111%201111%201111%201111', true],
  ['4111+1111+1111+1111', true],
  ['4111111111111112', false],
  ['1732356000000', false],
  ['0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c11', false],
  ['BW-0041-BLK-M', false],
])('%s is a card number: %s', (text, expected) => {
  expect(holdsCard(text)).toBe(expected);
  expect(hidePersonal(`a ${text} b`)).toBe(expected ? 'a [card] b' : `a ${text} b`);
});

test('addresses of people are hidden, in addresses of pages too', () => {
  expect(hidePersonal('ask ada@example.com, /who/ada%40example.com')).toBe('ask [email], /who/[email]');
});
