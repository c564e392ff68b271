import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FlagdCore } from '@openfeature/flagd-core';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordSpans } from '../recorded-spans.ts';
import { type Flags, openFlags } from './flags.ts';

/** Waits are for slow machines, not a measure of anything. */
const patient = { timeout: 30_000, interval: 20 };
const spans = recordSpans();
const caller = { sessionId: 's-1', device: 'phone', channel: 'web', userId: null };
let folder: string;
let file: string;
let lines: string[];
let flags: Flags | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bellwether-flags-'));
  file = path.join(folder, 'flags.json');
  lines = [];
  spans.reset();
});

afterEach(async () => {
  await flags?.stop();
  rmSync(folder, { recursive: true });
});

function define(defaultVariant: 'on' | 'off', targeting: object = {}): string {
  const flag = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant, targeting };
  return JSON.stringify({ flags: { a: flag } });
}

async function open(env: { FLAGS_FILE?: string; FLAGS_OFREP_URL?: string }): Promise<Flags> {
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  flags = await openFlags({ name: 'test', env, logger, intervalMs: 20, timeoutMs: 30_000 });
  return flags;
}

test('a change of the file is followed, renamed into place too', async () => {
  writeFileSync(file, define('off'));
  const { isOn } = await open({ FLAGS_FILE: file });
  expect(await isOn('a', true, caller)).toBe(false);
  writeFileSync(`${file}.new`, define('on'));
  renameSync(`${file}.new`, file);
  await expect.poll(() => isOn('a', false, caller), patient).toBe(true);
});

test('a bad file changes nothing, and is said with its place; a good one is taken again', async () => {
  writeFileSync(file, define('on'));
  const { isOn } = await open({ FLAGS_FILE: file });
  writeFileSync(file, '{\n  "flags": }');
  await expect.poll(() => lines.join(''), patient).toContain(`${file}:2:`);
  expect(await isOn('a', false, caller)).toBe(true);
  rmSync(file);
  await expect.poll(() => lines.join(''), patient).toContain('ENOENT');
  expect(await isOn('a', false, caller)).toBe(true);
  writeFileSync(file, define('off'));
  await expect.poll(() => isOn('a', true, caller), patient).toBe(false);
});

test('a file that comes later is taken; until then, and for unknown flags, the code decides', async () => {
  const { isOn } = await open({ FLAGS_FILE: file });
  expect(await isOn('a', true, caller)).toBe(true);
  writeFileSync(file, define('off'));
  await expect.poll(() => isOn('a', true, caller), patient).toBe(false);
  expect(await isOn('unknown', true, caller)).toBe(true);
});

test('a rollout gives a session the same answer each time, and about the share that it says', async () => {
  writeFileSync(
    file,
    define('off', {
      fractional: [
        ['on', 30],
        ['off', 70],
      ],
    }),
  );
  const { isOn } = await open({ FLAGS_FILE: file });
  const sessions = Array.from({ length: 1_000 }, (_, n) => ({ ...caller, sessionId: `s-${n}` }));
  const ask = (): Promise<boolean[]> => Promise.all(sessions.map((session) => isOn('a', false, session)));
  const first = await ask();
  expect(await ask()).toEqual(first);
  const share = first.filter(Boolean).length / sessions.length;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.4);
});

test('each evaluation is an event of the span, by the conventions', async () => {
  writeFileSync(file, define('off', { if: [{ '==': [{ var: 'device' }, 'phone'] }, 'on', null] }));
  const { isOn } = await open({ FLAGS_FILE: file });
  await trace.getTracer('test').startActiveSpan('request', async (span) => {
    expect(await isOn('a', false, caller)).toBe(true);
    span.end();
  });
  const [span] = spans.getFinishedSpans();
  expect(span?.events).toMatchObject([
    {
      name: 'feature_flag.evaluation',
      attributes: {
        'feature_flag.key': 'a',
        'feature_flag.provider.name': 'flagd-file',
        'feature_flag.result.variant': 'on',
        'feature_flag.result.reason': 'targeting_match',
        'feature_flag.context.id': 's-1',
      },
    },
  ]);
});

/** A server that speaks OFREP (https://openfeature.dev/specification/appendix-c), evaluating as flagd does. */
async function serveFlags(definitions: string): Promise<{ server: Server; url: string; asked: () => number }> {
  const core = new FlagdCore();
  core.setConfigurations(definitions);
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked += 1;
    const key = request.url?.split('/').at(-1) ?? '';
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const { value, variant, reason } = core.resolveBooleanEvaluation(key, false, body.context);
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ key, value, variant, reason, metadata: {} }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

test('a flag server is asked by OFREP; one that is away is left alone for a while, and the code decides', async () => {
  const targeting = { if: [{ '==': [{ var: 'device' }, 'phone'] }, 'on', null] };
  const { server, url, asked } = await serveFlags(define('off', targeting));
  const { isOn } = await open({ FLAGS_OFREP_URL: url });
  expect(await isOn('a', false, caller)).toBe(true);
  expect(await isOn('a', true, { ...caller, device: 'desktop' })).toBe(false);
  expect(asked()).toBe(2);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await isOn('a', false, caller)).toBe(false);
  expect(await isOn('a', true, caller)).toBe(true);
});

test('without flags the code decides', async () => {
  const { isOn } = await open({});
  expect([await isOn('a', true, caller), await isOn('a', false, caller)]).toEqual([true, false]);
});
