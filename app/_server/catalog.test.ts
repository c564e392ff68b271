import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCatalogEntry } from './catalog.ts';

const dir = mkdtempSync(join(tmpdir(), 'bellwether-catalog-'));
mkdirSync(join(dir, 'orders'));
writeFileSync(
  join(dir, 'orders', 'catalog-info.yaml'),
  'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: orders\n  description: Takes orders\nspec:\n  owner: group:default/checkout\n  system: shop\n---\nkind: API\nmetadata: { name: orders-api }\n',
);
writeFileSync(join(dir, 'orders', 'runbook.md'), '# Orders\n');
writeFileSync(join(dir, 'runbook.md'), 'not a service');

it('reads the owner and the runbook from the folder of the service', async () => {
  expect(await readCatalogEntry(dir, 'orders')).toEqual({
    owner: 'checkout',
    description: 'Takes orders',
    system: 'shop',
    runbook: '# Orders\n',
  });
});

it.each(['stranger', '..', '.', '../orders', 'orders/../orders'])('%s has no record', async (name) => {
  expect(await readCatalogEntry(dir, name)).toEqual({ owner: null, description: null, system: null, runbook: null });
});
