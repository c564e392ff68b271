import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDatabase } from '#services/kit/database';
import { createClient } from '#services/kit/fetch';
import { renderOpenapi } from '#services/kit/openapi';
import { createTestServer } from '#services/kit/test-service';
import { addRoutes } from './app.ts';
import { manifest } from './manifest.ts';
import type { PaymentsDatabase } from './schema.ts';

test('openapi.yaml is what the routes say (vitest -u writes it)', async () => {
  const logger = pino({ level: 'silent' });
  const app = await createTestServer(manifest);
  // Connects only when asked, which nobody does here.
  const db = createDatabase<PaymentsDatabase>({ url: 'postgres://127.0.0.1:1/none', name: 'test', logger });
  const acquirer = createClient({ peer: 'acquirer', baseUrl: 'http://127.0.0.1:1', timeoutMs: 1 });
  addRoutes(app, { db, acquirer, now: () => new Date(0), onEvents: () => {}, webhookSecret: '' });
  await expect(await renderOpenapi(app)).toMatchFileSnapshot('./openapi.yaml');
  await app.close();
});
