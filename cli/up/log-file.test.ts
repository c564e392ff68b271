import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile, toJsonLine } from './log-file.ts';

let directory = '';
const now = new Date('2026-11-23T07:00:00Z');

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'bellwether-log-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a line that is JSON is kept as it is', () => {
  expect(toJsonLine('cart', '{"level":"info","msg":"hi"}', 'stdout', now)).toBe('{"level":"info","msg":"hi"}');
});

test.each([
  ['plain text', 'stdout', 'info'],
  ['{ looks like JSON', 'stdout', 'info'],
  ['Error: it broke', 'stderr', 'error'],
] as const)('%j on %s is wrapped into JSON with level %s', (line, stream, level) => {
  expect(JSON.parse(toJsonLine('cart', line, stream, now))).toEqual({
    level,
    time: '2026-11-23T07:00:00.000Z',
    process: 'cart',
    stream,
    msg: line,
  });
});

test('a log that is full moves aside and the next line begins a new one', async () => {
  const file = path.join(directory, 'cart.log');
  const log = openLogFile(file, 'cart', 300);
  for (const line of ['a'.repeat(300), 'second', 'third']) log.write(line, 'stdout');
  await log.close();
  expect(readFileSync(file, 'utf8')).toContain('second');
  expect(readFileSync(path.join(directory, 'cart.1.log'), 'utf8')).toContain('aaa');
});

test('a log is continued after a restart', async () => {
  const file = path.join(directory, 'cart.log');
  for (const line of ['before', 'after']) {
    const log = openLogFile(file, 'cart');
    log.write(line, 'stdout');
    await log.close();
  }
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2);
});
