import { expect, test } from 'vitest';
import { readSettings } from './env.ts';
import { optionalEnv } from './optional-env.ts';

const replicaUrl = 'postgres://reader@127.0.0.1:5433/catalog';

function read(name: Parameters<typeof optionalEnv>[0], source: Record<string, string>): Record<string, string> {
  return optionalEnv(name, { settings: readSettings(source), dataDir: '/data' });
}

test('a service has the flags of the installation, unless there are others, and only one that asks for them', () => {
  expect(read('search', {})).toMatchObject({ FLAGS_FILE: '/data/flags.json' });
  expect(read('search', { FLAGS_FILE: '/etc/flags.yaml' })).toMatchObject({ FLAGS_FILE: '/etc/flags.yaml' });
  const remote = read('admin', { FLAGS_FILE: '/etc/flags.yaml', FLAGS_OFREP_URL: 'http://127.0.0.1:8016' });
  expect(remote).toMatchObject({ FLAGS_OFREP_URL: 'http://127.0.0.1:8016' });
  expect(remote).not.toHaveProperty('FLAGS_FILE');
  expect(read('cart', {})).not.toHaveProperty('FLAGS_FILE');
});

test('a replica is told to its service alone, with the lag that it may have', () => {
  const source = { CATALOG_REPLICA_URL: replicaUrl, REPLICA_MAX_LAG_MS: '250' };
  expect(read('catalog', source)).toMatchObject({ CATALOG_REPLICA_URL: replicaUrl, REPLICA_MAX_LAG_MS: '250' });
  expect(read('users', source)).not.toHaveProperty('REPLICA_MAX_LAG_MS');
});

test('who publishes events is told how; who does not is not', () => {
  expect(read('orders', { OUTBOX_RELAY: 'streaming' })).toMatchObject({ OUTBOX_RELAY: 'streaming' });
  expect(read('orders', {})).toMatchObject({ OUTBOX_RELAY: 'polling' });
  expect(read('analytics', { OUTBOX_RELAY: 'streaming' })).toEqual({});
});
