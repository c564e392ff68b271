import { expect, test } from 'vitest';
import { readSettings } from './env.ts';

test('with nothing set the demo runs on loopback, on its default ports, with chaos enabled', () => {
  const settings = readSettings({});
  expect(settings).toMatchObject({ BELLWETHER_HOST: '127.0.0.1', CHAOS_ENABLED: true });
  expect(settings.ports).toMatchObject({ app: 3000, collectors: 4318, postgres: 54329 });
});

test('an offset moves every port, and a named port stands where it is put', () => {
  const { ports } = readSettings({ BELLWETHER_PORT_OFFSET: '100', APP_PORT: '8080' });
  expect(ports).toMatchObject({ app: 8080, collectors: 4418, postgres: 54429 });
});

test('every bad variable is named in one message', () => {
  const bad = { APP_PORT: 'eighty', BELLWETHER_PORT_OFFSET: '-1', BELLWETHER_WEBHOOK_URL: 'x', CHAOS_ENABLED: 'maybe' };
  expect(() => readSettings(bad)).toThrow(
    /4 bad variable[\s\S]*BELLWETHER_PORT_OFFSET[\s\S]*APP_PORT[\s\S]*BELLWETHER_WEBHOOK_URL[\s\S]*CHAOS_ENABLED/,
  );
});

test('two processes on one port are refused, by their variables', () => {
  expect(() => readSettings({ GATEWAY_PORT: '3000' })).toThrow('APP_PORT and GATEWAY_PORT: both are 3000');
});

test.each(['0.0.0.0', '192.168.1.4', '::'])('listening on %s without a password is refused', (host) => {
  expect(() => readSettings({ BELLWETHER_HOST: host })).toThrow(/BELLWETHER_ADMIN_PASSWORD/);
  expect(() => readSettings({ BELLWETHER_HOST: host, BELLWETHER_ADMIN_PASSWORD: 'long enough' })).not.toThrow();
});

test.each(['127.0.0.1', 'localhost', '::1'])('listening on %s needs no password', (host) => {
  expect(() => readSettings({ BELLWETHER_HOST: host })).not.toThrow();
});

test('a short password is refused and not repeated', () => {
  expect(() => readSettings({ BELLWETHER_ADMIN_PASSWORD: 'hunter2' })).toThrow(
    /^(?![\s\S]*hunter2)[\s\S]*8 characters/,
  );
});

test.each(['http://127.0.0.1:6379', '127.0.0.1:6379', 'redis'])('%s is no address of a Redis', (url) => {
  expect(() => readSettings({ REDIS_URL: url })).toThrow(/REDIS_URL.*redis:\/\/host:port/);
});

test.each(['redis://127.0.0.1:6379', 'rediss://:secret@cache.example:6380/2'])('%s is one', (url) => {
  expect(readSettings({ REDIS_URL: url })).toMatchObject({ REDIS_URL: url });
});

test('brokers are host and port, with commas between', () => {
  expect(() => readSettings({ KAFKA_BROKERS: 'kafka://one:9092' })).toThrow(/KAFKA_BROKERS.*host:port/);
  expect(readSettings({ KAFKA_BROKERS: 'one:9092,two:9093' }).KAFKA_BROKERS).toEqual(['one:9092', 'two:9093']);
});

test('a port that no browser connects to is refused, however it came about', () => {
  expect(() => readSettings({ BELLWETHER_PORT_OFFSET: '3000' })).toThrow(/APP_PORT: browsers refuse .* port 6000/);
  expect(() => readSettings({ GATEWAY_PORT: '5060' })).toThrow(/GATEWAY_PORT: browsers refuse .* port 5060/);
});
