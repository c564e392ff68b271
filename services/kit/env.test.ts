import { describe, expect, test } from 'vitest';
import { databaseFields, readServiceEnv, readTelemetryEnv } from './env.ts';

const good = {
  DATABASE_URL: 'postgres://catalog:x@127.0.0.1:5432/catalog',
  BUS_URL: 'postgres://bus:x@127.0.0.1:5432/bus',
};

describe('configuration of a service', () => {
  test('names every bad variable at once, and does not repeat secrets', () => {
    const source = { CATALOG_PORT: '99999', DATABASE_URL: 'nonsense', CHAOS_ENABLED: 'yes', CHAOS_TOKEN: 's3cret' };
    const read = () => readServiceEnv('catalog', databaseFields, source);
    for (const name of ['CATALOG_PORT', 'DATABASE_URL', 'BUS_URL: missing', 'CHAOS_ENABLED']) {
      expect(read).toThrow(name);
    }
    expect(read).not.toThrow('s3cret');
  });

  test('wants a secret when faults may be injected', () => {
    const source = { ...good, CHAOS_ENABLED: 'true' };
    expect(() => readServiceEnv('catalog', databaseFields, source)).toThrow('CHAOS_TOKEN');
    const env = readServiceEnv('catalog', databaseFields, { ...source, CHAOS_TOKEN: 'token' });
    expect(env.chaos).toEqual({ enabled: true, token: 'token' });
  });

  test('listens on loopback at the default port unless told otherwise', () => {
    expect(readServiceEnv('catalog', databaseFields, good)).toMatchObject({ host: '127.0.0.1', port: 4102 });
    const moved = { ...good, CATALOG_PORT: '7102', BELLWETHER_HOST: '0.0.0.0' };
    expect(readServiceEnv('catalog', databaseFields, moved)).toMatchObject({ host: '0.0.0.0', port: 7102 });
  });
});

test('telemetry is off until a receiver is named, and then exports metrics every ten seconds', () => {
  expect(readTelemetryEnv({})).toBeNull();
  const receiver = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  expect(readTelemetryEnv({ ...receiver, OTEL_SDK_DISABLED: 'true' })).toBeNull();
  expect(readTelemetryEnv(receiver)).toEqual({
    metricIntervalMs: 10_000,
    exportIntervalMs: 3_000,
  });
});
