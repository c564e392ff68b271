import { expect, it } from 'vitest';
import { readBasicUser } from './basic-auth.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

it.each([
  ['the right password', basic('maria:correct horse'), 'maria'],
  ['a password with a colon', basic('maria:correct horse:x'), null],
  ['the wrong password', basic('maria:wrong'), null],
  ['no user name', basic(':correct horse'), null],
  ['another scheme', 'Bearer correct horse', null],
  ['nothing', undefined, null],
])('%s', (_name, header, user) => {
  expect(readBasicUser(header, 'correct horse')).toBe(user);
});
