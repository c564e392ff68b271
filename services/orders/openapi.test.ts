import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDatabase } from '#services/kit/database';
import { renderOpenapi } from '#services/kit/openapi';
import { createTestServer } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import type { OrdersDatabase } from './schema.ts';

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  const logger = pino({ level: 'silent' });
  const app = await createTestServer(manifest);
  const unused = (): never => {
    throw new Error('no route is called here');
  };
  addRoutes(app, {
    // Connects only when asked, which nobody does here.
    db: createDatabase<OrdersDatabase>({ url: 'postgres://127.0.0.1:1/none', name: 'test', logger }),
    ports: { load: unused, append: unused, ask: unused, now: unused },
    readCart: unused,
    passChallenge: unused,
    recovery: { wake: unused, stop: unused },
    rebuilds: { wake: unused },
    timing: { checkoutMs: 0, leaseMs: 0, intervalMs: 0, finishWithinMs: 0, lastAttempt: 0 },
  });
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
  await app.close();
});
