import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRegistry } from '#process/health';
import { createLogger } from '#process/logger';
import { timeoutHeader, withDeadline, withoutDeadline } from './deadline.ts';
import { type Client, createClient } from './fetch.ts';
import { createServer, type Server } from './server.ts';

let behind: Server;
let between: Server;
let client: Client;
/** What the service behind was told about how long is waited for it, per request, in ms. */
let told: number[] = [];
let background: Promise<number> | undefined;

async function newServer(): Promise<Server> {
  const logger = createLogger('test');
  logger.level = 'silent';
  const common = { name: 'test', description: '', version: '1.0.0', logger, registry: createRegistry('test') };
  return createServer({ ...common, readiness: () => ({ ready: true }), chaos: { enabled: false, token: '' } });
}

beforeEach(async () => {
  told = [];
  behind = await newServer();
  behind.get('/at-once', async (request) => {
    told.push(Number(request.headers[timeoutHeader]));
    return {};
  });
  behind.get('/slow', async (request) => {
    told.push(Number(request.headers[timeoutHeader]));
    await delay(3_000);
    return {};
  });
  const baseUrl = await behind.listen({ host: '127.0.0.1', port: 0 });
  const toBehind = createClient({ peer: 'behind', baseUrl, timeoutMs: 5_000 });
  between = await newServer();
  between.post('/pass', async () => {
    await delay(100);
    return { status: (await toBehind.get('/at-once')).status };
  });
  between.post('/pass-slow', async () => ({ status: (await toBehind.get('/slow')).status }));
  between.post('/answer-then-work', async () => {
    background = withoutDeadline(async () => {
      await delay(150);
      return (await toBehind.get('/slow')).status;
    });
    return {};
  });
  client = createClient({
    peer: 'between',
    baseUrl: await between.listen({ host: '127.0.0.1', port: 0 }),
    timeoutMs: 5_000,
  });
});

afterEach(async () => {
  await between.close();
  await behind.close();
});

describe('a deadline', () => {
  test('shrinks along the call by what was spent on the way, and a body does not lose it', async () => {
    await client.post('/pass', { body: { some: 'thing' }, timeoutMs: 1_000 });
    expect(told).toHaveLength(1);
    expect(told[0]).toBeLessThanOrEqual(900);
    expect(told[0]).toBeGreaterThan(300);
  });

  test('ends a call inside before whoever asked gives up: they are told what was slow', async () => {
    const answer = await client.post('/pass-slow', { body: {}, timeoutMs: 1_200 });
    expect(answer).toMatchObject({ status: 504, body: { code: 'downstream_timeout' } });
  });

  test('that is over ends a call before it is made', async () => {
    await withDeadline(5, async () => {
      await delay(10);
      await expect(client.post('/pass')).rejects.toMatchObject({ reason: 'timeout' });
    });
    expect(told).toEqual([]);
  });

  test('without anything left is refused at the door', async () => {
    const response = await between.inject({ method: 'POST', url: '/pass', headers: { [timeoutHeader]: '0' } });
    expect(response.json()).toMatchObject({ status: 504, code: 'deadline_exceeded' });
    expect(told).toEqual([]);
  });

  test.each(['soon', '-5', '1e9', ''])('that cannot be understood (%s) is none', async (value) => {
    const response = await between.inject({ method: 'POST', url: '/pass', headers: { [timeoutHeader]: value } });
    expect(response.statusCode).toBe(200);
    expect(told[0]).toBe(5_000);
  });

  test('does not hold for what goes on behind the answer', async () => {
    expect((await client.post('/answer-then-work', { timeoutMs: 120 })).status).toBe(200);
    expect(await background).toBe(200);
  });

  test('of an inner request is never later than that of the outer one', async () => {
    await withDeadline(3_000, () => withDeadline(60_000, () => client.post('/pass')));
    expect(told[0]).toBeLessThan(3_000);
  });
});
