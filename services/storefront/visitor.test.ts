import { expect, test } from 'vitest';
import { readChannel, readDevice } from './visitor.ts';

const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1';

test.each([
  [{ 'user-agent': phone }, 'phone'],
  [{ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0 Safari/537.36' }, 'desktop'],
  [{ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)', 'sec-ch-ua-mobile': '?1' }, 'phone'],
  [{ 'user-agent': phone, 'sec-ch-ua-mobile': '?0' }, 'desktop'],
  [{}, 'desktop'],
])('%o is a %s', (headers, device) => expect(readDevice(headers)).toBe(device));

test.each([
  ['/', undefined, 'web'],
  ['/?utm_medium=email', undefined, 'email'],
  ['/shop?category=bags&utm_medium=social', 'https://news.example/', 'social'],
  ['/', 'https://www.instagram.com/p/1', 'social'],
  ['/', 'https://notinstagram.com/', 'web'],
  ['/?utm_medium=carrier-pigeon', 'nonsense', 'web'],
])('%s from %s came by %s', (url, referrer, channel) => expect(readChannel(url, referrer)).toBe(channel));
