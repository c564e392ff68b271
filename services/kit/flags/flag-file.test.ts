import { expect, test } from 'vitest';
import { parseFlagFile } from './flag-file.ts';

const good = `{
  "flags": {
    "a": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}`;

test('definitions are read, in JSON or YAML, with what else flagd knows', () => {
  expect(parseFlagFile(good, 'f').flags.a?.defaultVariant).toBe('on');
  const yaml = 'flags:\n  a: { state: ENABLED, variants: { on: true }, defaultVariant: on }\n$evaluators: {}\n';
  expect(parseFlagFile(yaml, 'f')).toMatchObject({ flags: { a: { state: 'ENABLED' } }, $evaluators: {} });
});

test.each([
  ['a comma too few', good.replace('"ENABLED",', '"ENABLED"'), /^f:3:\d+: /],
  ['a key twice', good.replace('"defaultVariant"', '"state": "DISABLED", "defaultVariant"'), /^f:3:\d+: .*unique/],
  ['a state that there is not', good.replace('ENABLED', 'MAYBE'), /^f:3:21: flags\.a\.state: /],
  ['a default that is no variant', good.replace('"on" }', '"maybe" }'), /^f:3:\d+: .*there is no variant maybe/],
  ['no variants', good.replace('"variants": { "on": true, "off": false }, ', ''), /^f:3:10: flags\.a\.variants: /],
  ['no flags', '{}', /^f:1:1: flags: /],
  ['nothing', '', /^f:1:1: the file: /],
])('%s is refused, with its place', (_what, text, message) => {
  expect(() => parseFlagFile(text, 'f')).toThrow(message);
});
