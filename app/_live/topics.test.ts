import { expect, it } from 'vitest';
import { formatTopic, parseTopic, type Topic } from './topics.ts';

const topics: Topic[] = [
  { kind: 'shell' },
  { kind: 'overview', range: { kind: 'last', preset: '1h' } },
  { kind: 'service', name: 'a stranger/s', range: { kind: 'between', fromMs: 1764000000000, toMs: 1764000600000 } },
  { kind: 'business', range: { kind: 'last', preset: '24h' } },
  { kind: 'users', range: { kind: 'last', preset: '1h' } },
  { kind: 'events', range: { kind: 'last', preset: '1h' } },
  { kind: 'registry' },
  { kind: 'record', name: 'a stranger/s' },
  { kind: 'faults' },
  { kind: 'fault', id: '7b2e8f4c-0d7e-4c59-8d3f-2a3a0a4a1f11' },
  { kind: 'session', id: 'XfWl9mZ2_k.1:2-3' },
  { kind: 'trace', id: '0af7651916cd43dd8448eb211c80319c' },
  { kind: 'chaos' },
];

it.each(topics)('$kind survives its text form', (topic) => {
  expect(parseTopic(formatTopic(topic))).toEqual(topic);
});

it.each([
  '',
  'nothing',
  'fault/1',
  'fault',
  'service/',
  'session/',
  'session/a%20b',
  'trace/0AF7651916CD43DD8448EB211C80319C',
  'toString/x',
  'service/%E0%A4%A',
  'service/a/b',
  'record/',
  'registry/x',
  'chaos/x',
  'shell/..',
])('refuses %j', (text) => {
  expect(parseTopic(text)).toBeNull();
});
