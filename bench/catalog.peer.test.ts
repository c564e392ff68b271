import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalog } from '#app/_catalog/load.ts';
import { parseCatalogFile } from '#app/_catalog/parse.ts';
import { readPeersDir } from './env.ts';

// Backstage's own validators, by `peers.sh <dir> backstage`.
const checker = join(readPeersDir(), 'backstage', 'check.mjs');
/** What Backstage says to files of these texts, in their order: a line for each document, which begins with `ok` or `FAIL`. */
function askBackstage(texts: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-backstage-'));
  const files = texts.map((text, index) => {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  const { stdout, stderr } = spawnSync(process.execPath, [checker, ...files], { encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  if (!/^\d+ passed, \d+ failed$/.test(lines.at(-1) ?? '')) throw new Error(`${checker} did not run: ${stderr}`);
  return lines.slice(0, -1);
}

test('every entity of ours is taken by Backstage', async () => {
  const { entities, problems } = await loadCatalog(['services/catalog-info.yaml', 'services/*/catalog-info.yaml']);
  expect(problems).toEqual([]);
  expect(entities.length).toBeGreaterThan(50);
  // Backstage puts the files in place of $text before it looks, and so do we.
  const documents = entities.map(({ entity, text }) =>
    JSON.stringify(entity.kind === 'API' ? { ...entity, spec: { ...entity.spec, definition: text } } : entity),
  );
  const said = askBackstage([documents.join('\n---\n')]);
  expect(said.filter((line) => !line.startsWith('ok '))).toEqual([]);
  expect(said).toHaveLength(entities.length);
});

const spec = 'spec: { type: service, lifecycle: production, owner: checkout }';
const named = (name: string, more = ''): string =>
  `apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: ${name}${more} }\n${spec}\n`;

const texts = [
  named('cart'),
  named('"-cart"'),
  named('cart_'),
  named('Cart.v2_x-1'),
  named('a b'),
  named('x'.repeat(63)),
  named('x'.repeat(64)),
  named('cart', ', namespace: Shop'),
  named('cart', ', namespace: shop--x'),
  named('cart', ', labels: { a/b: "1" }'),
  named('cart', ', labels: { a/b: 1 }'),
  named('cart', ', labels: { a/b: "" }'),
  named('cart', ', labels: { a/b/c: x }'),
  named('cart', ', labels: { A.b/c: x }'),
  named('cart', ', annotations: { a: "any thing" }'),
  named('cart', ', annotations: { a: true }'),
  named('cart', ', tags: [node-js, "c++"]'),
  named('cart', ', tags: [Node]'),
  named('cart', ', links: [{ url: "no url" }]'),
  named('cart', ', links: [{ url: "https://x.example", title: "" }]'),
  named('cart', ', title: ""'),
  named('cart', ', anything: 1'),
  `${named('cart')}more: 1\n`,
  named('cart').replace('v1alpha1', 'v1beta1'),
  named('cart').replace('v1alpha1', 'v2'),
  named('cart').replace('owner: checkout', 'more: 1'),
  named('cart').replace('lifecycle: production', 'lifecycle: ""'),
  named('cart').replace('owner: checkout', 'owner: checkout, dependsOn: cart'),
  named('cart').replace('kind: Component', 'kind: API'),
  named('cart').replace('kind: Component', 'kind: API').replace('owner: checkout', 'owner: x, definition: text'),
  named('cart').replace('kind: Component', 'kind: Resource'),
  named('cart').replace('kind: Component', 'kind: System'),
  named('cart').replace('kind: Component', 'kind: Group'),
  named('cart').replace('kind: Component', 'kind: Group').replace('owner: checkout', 'children: []'),
  named('cart')
    .replace('kind: Component', 'kind: Group')
    .replace('owner: checkout', 'children: [], profile: { displayName: "" }'),
  named('cart').replace('kind: Component', 'kind: User'),
  named('cart').replace('kind: Component', 'kind: User').replace('owner: checkout', 'memberOf: [x]'),
];

test('what Backstage takes is taken here, and what it refuses is refused', () => {
  const theirs = askBackstage(texts).map((line) => line.startsWith('ok '));
  const ours = texts.map((text) => parseCatalogFile('a.yaml', text).problems.length === 0);
  const differ = texts.filter((_text, index) => ours[index] !== theirs[index]);
  expect(differ).toEqual([]);
  expect([theirs.length, new Set(theirs).size]).toEqual([texts.length, 2]);
});
