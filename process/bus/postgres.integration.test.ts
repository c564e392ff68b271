import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '#cli/embedded/test-postgres';
import { createLogger } from '#process/logger';
import type { DeadLetters } from './dead-letters.ts';
import type { Bus } from './port.ts';
import { createPostgresBus } from './postgres.ts';
import { openPostgresDeadLetters } from './postgres-dead-letters.ts';
import { describeBus } from './test-contract.ts';

const logger = createLogger('test');
logger.level = 'silent';
let postgres: TestPostgres;
let bus: Bus;
let letters: DeadLetters;
const openBus = (): Promise<Bus> => createPostgresBus({ url: postgres.url('bus'), name: 'test', logger });

beforeAll(async () => {
  postgres = await startTestPostgres({ databases: ['bus'] });
  bus = await openBus();
  letters = await openPostgresDeadLetters(postgres.url('bus'));
});

afterAll(async () => {
  await letters?.stop();
  await bus?.stop();
  await postgres?.stop();
});

describe('the bus in PostgreSQL', () => {
  describeBus({ bus: () => bus, openBus, deadLetters: () => letters, interrupt: () => postgres.restart() });

  test('what is no event is set aside', async () => {
    const boss = new PgBoss({ connectionString: postgres.url('bus'), schema: 'pgboss', max: 1, supervise: false });
    boss.on('error', () => {});
    await boss.start();
    let handled = 0;
    const handler = async (): Promise<void> => {
      handled += 1;
    };
    await bus.consume({ queue: 'c.bad', types: ['t.bad'], handler });
    await boss.send('c.bad', { nonsense: true });
    await expect.poll(async () => (await letters.list('c.bad')).length, { timeout: 60_000 }).toBe(1);
    expect(handled).toBe(0);
    await boss.stop({ graceful: false });
  });
});
