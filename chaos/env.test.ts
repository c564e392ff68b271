import { describe, expect, it } from 'vitest';
import { serviceNames } from '#services/topology';
import { readEnv } from './env.ts';

const good = {
  ...Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1/${name}`])),
  CHAOS_PORT: '4401',
  CHAOS_TOKEN: 'sixteen-characters',
  DATABASE_URL: 'postgres://chaos:secret@127.0.0.1:54329/bellwether',
  SUPERVISOR_URL: 'http://127.0.0.1:4402',
  SHOPPERS_URL: 'http://127.0.0.1:4130',
};

describe('the environment of chaos', () => {
  it('is off unless it is switched on', () => {
    expect(readEnv(good).enabled).toBe(false);
    expect(readEnv({ ...good, CHAOS_ENABLED: 'true' }).enabled).toBe(true);
  });

  it('knows where every service is', () => {
    expect(Object.keys(readEnv(good).serviceUrls)).toEqual(serviceNames);
    expect(readEnv(good).serviceUrls.payments).toBe('http://127.0.0.1/payments');
  });

  it('names every bad variable at once and repeats no secret', () => {
    const bad = { ...good, CHAOS_TOKEN: 'too-short', PAYMENTS_URL: undefined, CHAOS_PORT: '70000' };
    expect(() => readEnv(bad)).toThrow(/CHAOS_TOKEN|PAYMENTS_URL|CHAOS_PORT/);
    try {
      readEnv(bad);
    } catch (error) {
      const message = String(error);
      for (const name of ['CHAOS_TOKEN', 'PAYMENTS_URL', 'CHAOS_PORT']) expect(message).toContain(name);
      expect(message).not.toContain('too-short');
    }
  });
});
