import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { applyMigrations } from './apply.ts';
import { createPrismaClient, type PrismaClient } from './client.ts';

let postgres: TestPostgres;
const clients: PrismaClient[] = [];

function as(role: string): PrismaClient {
  const client = createPrismaClient({ databaseUrl: postgres.url('bellwether', role), maxConnections: 1 });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['bellwether'] });
}, 60_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.$disconnect()));
  await postgres.stop();
});

const denied = /denied|permission/i;

describe('the control database', () => {
  test('is migrated once, by two at once as by one, and again without harm', async () => {
    const databaseUrl = postgres.url('bellwether');
    const both = await Promise.all([applyMigrations({ databaseUrl }), applyMigrations({ databaseUrl })]);
    expect(both.flat()).toHaveLength(new Set(both.flat()).size);
    expect(both.flat().length).toBeGreaterThan(0);
    expect(await applyMigrations({ databaseUrl })).toEqual([]);
  });

  test('has every table and column that the client reads', async () => {
    const owner = as('bellwether');
    const { busReading, deadLetter, replayCommand } = owner;
    const { alert, alertCommand, chaosCommand, drill, fault, globalStop, injection } = owner;
    const { notification, page, slo, sloError, sloState, transition, watermark } = owner;
    const tables = [alert, alertCommand, chaosCommand, drill, fault, globalStop, injection, notification, page, slo];
    for (const table of [...tables, busReading, deadLetter, replayCommand, sloError, sloState, transition, watermark]) {
      expect(await (table as typeof slo).findMany()).toEqual([]);
    }
  });

  test('shows alerts nothing of chaos, and chaos no more of alerts than it may read', async () => {
    await expect(as('alerts').injection.findMany()).rejects.toThrow(denied);
    await expect(as('alerts').chaosCommand.findMany()).rejects.toThrow(denied);
    expect(await as('chaos').fault.findMany()).toEqual([]);
    await expect(as('chaos').fault.deleteMany()).rejects.toThrow(denied);
  });

  test('lets the collectors keep dead letters, and shows them nothing else', async () => {
    const collectors = as('collectors');
    expect((await collectors.deadLetter.deleteMany()).count).toBe(0);
    await expect(collectors.fault.findMany()).rejects.toThrow(denied);
    await expect(collectors.injection.findMany()).rejects.toThrow(denied);
    await expect(as('alerts').deadLetter.findMany()).rejects.toThrow(denied);
  });

  test('lets the console write what people decide, and nothing else', async () => {
    const app = as('app');
    const command = await app.chaosCommand.create({ data: { kind: 'stop-all', params: {}, author: 'ada' } });
    const key = { idempotencyKey: 'k', faultId: command.id, status: 'firing', payload: {} };
    await app.page.createMany({ data: [key, key], skipDuplicates: true });
    expect(await app.page.count()).toBe(1);
    await app.replayCommand.create({ data: { queue: 'orders.placed', author: 'ada' } });
    await expect(app.deadLetter.deleteMany()).rejects.toThrow(denied);
    await expect(app.chaosCommand.deleteMany()).rejects.toThrow(denied);
    await expect(app.fault.updateMany({ data: { state: 'resolved' } })).rejects.toThrow(denied);
  });
});
