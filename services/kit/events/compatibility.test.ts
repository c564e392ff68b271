import { expect, test } from 'vitest';
import { z } from 'zod';
import { findIncompatibilities } from './compatibility.ts';
import { renderSchema } from './contract.ts';

const base = { id: z.uuid(), count: z.int().min(1).max(9), kind: z.enum(['a', 'b']), note: z.string().nullable() };
const lines = z.array(z.object({ sku: z.string(), quantity: z.int() }));

type Case = [change: string, from: z.ZodRawShape, to: z.ZodRawShape, forward: boolean, backward: boolean];

/** Forward: old readers read new events. Backward: new readers read old events. */
const cases: Case[] = [
  ['nothing', base, base, true, true],
  ['an optional member comes', base, { ...base, reason: z.string().optional() }, true, true],
  ['an optional member goes', { ...base, reason: z.string().optional() }, base, true, true],
  ['a member that is always there comes', base, { ...base, reason: z.string() }, true, false],
  ['a member that is always there goes', { ...base, reason: z.string() }, base, false, true],
  ['a member becomes optional', base, { ...base, id: z.uuid().optional() }, false, true],
  ['a member becomes nullable', base, { ...base, kind: base.kind.nullable() }, false, true],
  ['a member is null no more', base, { ...base, note: z.string() }, true, false],
  ['another type', base, { ...base, count: z.string() }, false, false],
  ['a whole number becomes any number', { n: z.int() }, { n: z.number() }, false, true],
  ['a value more', base, { ...base, kind: z.enum(['a', 'b', 'c']) }, false, true],
  ['a value less', base, { ...base, kind: z.enum(['a']) }, true, false],
  ['a list of values becomes text', base, { ...base, kind: z.string() }, false, true],
  ['a wider range', base, { ...base, count: z.int().min(0).max(9) }, false, true],
  ['a narrower range', base, { ...base, count: z.int().min(1).max(5) }, true, false],
  ['another format', base, { ...base, id: z.email() }, false, false],
  [
    'in a list: a member that is always there goes',
    { lines },
    { lines: z.array(z.object({ sku: z.string() })) },
    false,
    true,
  ],
  ['a list becomes a single one', { lines }, { lines: lines.element }, false, false],
  [
    'values of a record change',
    { r: z.record(z.string(), z.int()) },
    { r: z.record(z.string(), z.string()) },
    false,
    false,
  ],
];

test.each(cases)('%s', (_change, from, to, forward, backward) => {
  const old = renderSchema('t', z.object(from));
  const next = renderSchema('t', z.object(to));
  const found = { forward: findIncompatibilities(old, next), backward: findIncompatibilities(next, old) };
  expect({ forward: found.forward.length === 0, backward: found.backward.length === 0 }).toEqual({ forward, backward });
});

test('a reason names the member', () => {
  const old = renderSchema('t', z.object({ lines }));
  const next = renderSchema('t', z.object({ lines: z.array(z.object({ sku: z.int(), quantity: z.int() })) }));
  expect(findIncompatibilities(old, next)).toEqual(['data.lines[].sku: string is expected, integer is written']);
});

test('what it cannot compare it refuses', () => {
  expect(() => findIncompatibilities({ oneOf: [] }, {})).toThrow('the keyword oneOf cannot be compared');
});
