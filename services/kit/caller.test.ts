import { expect, test } from 'vitest';
import { readCaller } from './caller.ts';

test('a caller is named by words and ids; what looks personal, or like anything else, is not kept', () => {
  const headers = { 'x-session-id': 's-1', 'x-device': 'phone', 'x-channel': 'web', 'x-user-id': 'u-1' };
  expect(readCaller(headers)).toEqual({ sessionId: 's-1', device: 'phone', channel: 'web', userId: 'u-1' });
  for (const value of ['4111111111111111', 'ada@example.com', 'two words', '', 'a'.repeat(65)]) {
    expect(readCaller({ ...headers, 'x-session-id': value, 'x-channel': value })).toMatchObject({
      sessionId: null,
      channel: null,
    });
  }
});
