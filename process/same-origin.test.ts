import { describe, expect, it } from 'vitest';
import { checkHost, checkSameOrigin } from './same-origin.ts';

const loopback = { loopback: true };

describe('a loopback site refuses names that an attacker can point at it', () => {
  it.each([
    ['127.0.0.1:3000', true],
    ['localhost:3000', true],
    ['[::1]:3000', true],
    ['bellwether.evil.example:3000', false],
    ['127.0.0.1.evil.example', false],
    ['user@127.0.0.1:3000/x', false],
    ['', false],
  ])('%s → %s', (host, ok) => {
    expect(checkHost(host, loopback).ok).toBe(ok);
  });

  it('takes any name behind a password', () => {
    expect(checkHost('console.shop.example', { loopback: false }).ok).toBe(true);
  });
});

describe('a mutating request is taken from the site itself only', () => {
  const verdict = (headers: Record<string, string>) => checkSameOrigin(new Headers(headers), loopback);
  const host = '127.0.0.1:3000';

  it.each([
    ['same origin', { host, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }, true],
    ['another site', { host, origin: 'https://evil.example' }, false],
    ['another port of this machine', { host, origin: 'http://127.0.0.1:4000' }, false],
    ['another name of this machine', { host, origin: 'http://localhost:3000' }, false],
    ['a sandboxed frame', { host, origin: 'null' }, false],
    ['no Origin', { host }, false],
    ['cross-site by fetch metadata', { host, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'cross-site' }, false],
    ['a rebound name', { host: 'evil.example', origin: 'http://evil.example' }, false],
  ])('%s', (_name, headers, ok) => {
    const result = verdict(headers as Record<string, string>);
    expect(result.ok).toBe(ok);
    if (!result.ok) expect(result.reason).not.toBe('');
  });
});
