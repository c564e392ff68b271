import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { checkData, defineEvents } from './contract.ts';
import { findProblems, release } from './released.ts';

const first = defineEvents('shop', { 'thing.made': z.object({ id: z.string() }) });
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'bellwether-events-'));
  expect(release(first, { root })).toEqual(['shop/events/thing.made.v1.json']);
});

afterEach(() => rmSync(root, { recursive: true }));

test('a release is as declared, and releasing again writes nothing', () => {
  expect(findProblems(first, { root })).toEqual([]);
  expect(release(first, { root })).toEqual([]);
  expect(JSON.parse(readFileSync(path.join(root, 'shop/events/thing.made.v1.json'), 'utf8'))).toMatchObject({
    title: 'thing.made',
    required: ['id'],
  });
});

test('a change has to be released, and is refused for good when it breaks a reader', () => {
  const broken = defineEvents('shop', { 'thing.made': z.object({ number: z.int() }) });
  const breaks = [
    'forward, a reader of shop/events/thing.made.v1.json: data.id: is relied on, and not always written',
    'backward, what was written by shop/events/thing.made.v1.json: data.number: is relied on, and not always written',
  ];
  expect(findProblems(broken, { root })).toEqual([...breaks, 'thing.made has changed: npm run events:release']);
  release(broken, { root });
  expect(findProblems(broken, { root })).toEqual(breaks);
});

test('a change that breaks nobody is released as the next version; all versions count', () => {
  const second = defineEvents('shop', { 'thing.made': z.object({ id: z.string(), colour: z.string().optional() }) });
  expect(findProblems(second, { root })).toEqual(['thing.made has changed: npm run events:release']);
  expect(release(second, { root })).toEqual(['shop/events/thing.made.v2.json']);
  expect(findProblems(second, { root })).toEqual([]);
  release(first, { root });
  const third = defineEvents('shop', { 'thing.made': z.object({ id: z.string(), colour: z.int().optional() }) });
  expect(findProblems(third, { root })).toContain(
    'forward, a reader of shop/events/thing.made.v2.json: data.colour: string is expected, integer is written',
  );
});

test('what was released stays as it is, and stays', () => {
  const file = path.join(root, 'shop/events/thing.made.v1.json');
  appendFileSync(file, '\n');
  expect(findProblems(first, { root })).toContain('shop/events/thing.made.v1.json is not as it was released');
  rmSync(file);
  expect(findProblems(first, { root })).toContain('shop/events/thing.made.v1.json was released and is gone');
});

test('an event that somebody may rely on cannot be dropped', () => {
  expect(findProblems(defineEvents('shop', {}), { root })).toEqual([
    'shop/events/thing.made.v1.json: thing.made is not published any more, and somebody may rely on it',
  ]);
});

test('an event is published as declared or not at all', () => {
  expect(checkData(first, 'thing.made', { id: 'a' })).toEqual({ id: 'a' });
  expect(() => checkData(first, 'thing.made', { id: 1 })).toThrow(/thing.made is not as declared.*id/s);
  expect(() => checkData(first, 'thing.made', { id: 'a', email: 'ada@example.com' })).toThrow(/email/);
  expect(() => checkData(first, 'thing.lost', {})).toThrow('shop does not declare the event thing.lost');
});
