import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { loadCatalog } from './load.ts';
import { createCatalogReader } from './reader.ts';
import { formatRef, parseRef } from './reference.ts';
import { describeServices } from './service-record.ts';

const root = mkdtempSync(join(tmpdir(), 'bellwether-catalog-'));

function write(file: string, text: string): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const head = 'apiVersion: backstage.io/v1alpha1\n';
const component = (name: string, spec = '', metadata = ''): string =>
  `${head}kind: Component\nmetadata:\n  name: ${name}\n${metadata}spec:\n  type: service\n  lifecycle: production\n  owner: checkout\n${spec}`;

async function load(...globs: string[]) {
  const loaded = await loadCatalog(globs.map((glob) => join(root, glob)));
  const { services, problems } = describeServices(loaded);
  return { services, problems: problems.map((problem) => ({ ...problem, file: problem.file.slice(root.length + 1) })) };
}

test.each([
  ['payments', { kind: 'group' }, 'group:default/payments'],
  ['user:guest', { kind: 'group' }, 'user:default/guest'],
  ['Ops/Payments', { kind: 'group' }, 'group:ops/payments'],
  ['component:shop/Cart', {}, 'component:shop/cart'],
  ['cart', {}, null],
  ['a/b/c', { kind: 'api' }, null],
  ['', { kind: 'api' }, null],
])('%j is resolved as Backstage does: %j', (text, context, expected) => {
  const ref = parseRef(text, { ...context, namespace: 'default' });
  expect(ref === null ? null : formatRef(ref)).toBe(expected);
});

describe('a record', () => {
  write(
    'teams/org.yaml',
    `${head}kind: Group
metadata:
  name: checkout
  annotations: { bellwether.dev/on-call: 'maria, user:ops/guest' }
spec: { type: team, children: [], profile: { displayName: Checkout } }
---
${head}kind: User
metadata: { name: maria }
spec: { memberOf: [checkout], profile: { displayName: Maria Lindqvist } }
`,
  );
  write('teams/cart/openapi.yaml', 'openapi: 3.1.0\n');
  write('teams/cart/runbook.md', '# Cart\n');
  write(
    'teams/cart/catalog-info.yaml',
    `${component('cart', '  providesApis: [cart]\n', '  labels: { bellwether.dev/tier: "1" }\n')}---
${head}kind: API
metadata: { name: cart }
spec: { type: openapi, lifecycle: production, owner: checkout, definition: { $text: ./openapi.yaml } }
`,
  );
  write(
    'teams/orders/catalog-info.yaml',
    component(
      'orders',
      '  tier: 2\n  consumesApis: [cart]\n  dependsOn: [component:default/payments, resource:orders-db]\n',
      '  annotations:\n    pagerduty.com/integration-key: s3cret\n    bellwether.dev/runbook: https://wiki.example/orders\n    bellwether.dev/service-name: orders-v2\n',
    ),
  );

  it('has owner and on-call by their names, the group’s where the component has none, and the tier', async () => {
    const { services, problems } = await load('teams/*.yaml', 'teams/*/catalog-info.yaml');
    expect(problems).toEqual([]);
    expect(services.get('cart')).toMatchObject({
      owner: 'Checkout',
      tier: '1',
      onCall: [
        { kind: 'person', name: 'Maria Lindqvist' },
        { kind: 'person', name: 'ops/guest' },
      ],
      runbook: { kind: 'text', text: '# Cart\n' },
      apis: [{ name: 'cart', definition: 'openapi: 3.1.0\n' }],
    });
  });

  it('goes by its name in telemetry, depends on who provides what it consumes, and keeps a pager’s key to itself', async () => {
    const { services } = await load('teams/*.yaml', 'teams/*/catalog-info.yaml');
    expect(services.has('orders')).toBe(false);
    const orders = services.get('orders-v2');
    expect(orders).toMatchObject({
      tier: '2',
      onCall: [{ kind: 'pager', name: 'PagerDuty' }],
      dependsOn: ['cart', 'payments'],
      resources: ['orders-db'],
      runbook: { kind: 'link', text: 'https://wiki.example/orders' },
    });
    expect(JSON.stringify(orders)).not.toContain('s3cret');
  });
});

describe('a bad file', () => {
  const good = component('good');
  const cases: [string, string, { line: number; column: number; message: string }][] = [
    ['not YAML', 'kind: Component\nmetadata: {name: x\n', { line: 3, column: 1, message: 'not YAML: ' }],
    ['a bad name', component('-x-'), { line: 4, column: 9, message: 'metadata.name: expected letters and digits' }],
    [
      'no owner',
      component('x').replace('  owner: checkout\n', ''),
      { line: 6, column: 3, message: 'spec.owner: Invalid input: expected string' },
    ],
    ['an unknown kind', `${head}kind: Service\n`, { line: 2, column: 7, message: 'kind: expected Component, API' }],
    [
      'a label that is a number',
      component('x', '', '  labels:\n    bellwether.dev/tier: 1\n'),
      { line: 6, column: 26, message: 'metadata.labels.bellwether.dev/tier: expected a text' },
    ],
    [
      'a dependency without a kind',
      component('x', '  dependsOn: [cart]\n'),
      { line: 1, column: 1, message: 'spec.dependsOn: expected <kind>:[<namespace>/]<name>, such as component:cart' },
    ],
    ['a field of its own', `${component('x')}extra: 1\n`, { line: 9, column: 8, message: 'extra: Unrecognized key' }],
  ];
  it.each(cases)(
    'with %s is named with its place, and the others stay in force',
    async (name, text, { message, ...place }) => {
      const folder = `bad/${name.replaceAll(' ', '-')}`;
      write(`${folder}/a.yaml`, text);
      write(`${folder}/b.yaml`, good);
      const { services, problems } = await load(`${folder}/*.yaml`);
      expect(problems).toEqual([{ file: `${folder}/a.yaml`, ...place, message: expect.stringContaining(message) }]);
      expect(services.has('good')).toBe(true);
    },
  );

  it('that declares what another has declared does not replace it', async () => {
    write('twice/a.yaml', component('cart', '', '  title: First\n'));
    write('twice/b.yaml', `${good}---\n${component('Cart', '', '  title: Second\n')}`);
    const { services, problems } = await load('twice/*.yaml');
    expect(services.get('cart')?.title).toBe('First');
    expect(problems).toMatchObject([
      { file: 'twice/b.yaml', line: 10, message: expect.stringMatching(/declared twice.*a\.yaml:1/) },
    ]);
  });
});

describe('what a file names', () => {
  const api = (target: string): string =>
    `${head}kind: API\nmetadata: { name: x }\nspec:\n  type: openapi\n  lifecycle: production\n  owner: checkout\n  definition:\n    $text: ${target}\n`;
  write('outside/secret.txt', 'a secret');
  write('inside/kept/x.txt', 'kept');
  symlinkSync(join(root, 'outside'), join(root, 'inside/link'));
  symlinkSync(join(root, 'outside/secret.txt'), join(root, 'inside/linked.txt'));

  it.each([
    ['../outside/secret.txt', 'outside of the folder'],
    ['kept/../../outside/secret.txt', 'outside of the folder'],
    ['./link/secret.txt', 'outside of the folder'],
    ['./linked.txt', 'outside of the folder'],
    [join(root, 'outside/secret.txt'), 'expected a path relative'],
    ['file:///etc/passwd', 'only files beside this one'],
    ['https://specs.example/x.yaml', 'only files beside this one'],
    ['./missing.yaml', 'there is no such file'],
  ])('%s is not read', async (target, reason) => {
    write('inside/catalog-info.yaml', api(target));
    const { entities, problems } = await loadCatalog([join(root, 'inside/catalog-info.yaml')]);
    expect(entities.map(({ text }) => text)).toEqual([null]);
    expect(problems).toMatchObject([{ line: 9, column: 12, message: expect.stringContaining(reason) }]);
  });

  it('lies in its folder or below', async () => {
    write('inside/catalog-info.yaml', api('./kept/x.txt'));
    const { entities, problems } = await loadCatalog([join(root, 'inside/catalog-info.yaml')]);
    expect([entities[0]?.text, problems]).toEqual(['kept', []]);
  });
});

test('what was edited is read again, what was not is kept', async () => {
  let nowMs = 0;
  const file = write('live/catalog-info.yaml', component('first'));
  const read = createCatalogReader([join(root, 'live/*.yaml')], () => nowMs);
  const first = await read();
  nowMs = 6_000;
  expect(await read()).toBe(first);
  writeFileSync(file, component('second-one'));
  nowMs = 12_000;
  expect([...(await read()).services.keys()]).toEqual(['second-one']);
});

test('the shop’s own files are as Backstage wants them, and name owner, on-call and tier of every service', async () => {
  const loaded = await loadCatalog(['services/catalog-info.yaml', 'services/*/catalog-info.yaml']);
  const { services, problems } = describeServices(loaded);
  expect(problems).toEqual([]);
  expect(services.size).toBeGreaterThanOrEqual(14);
  for (const { name, owner, onCall, tier, dependsOn } of services.values()) {
    expect({ name, owner, onCall, tier }).toMatchObject({
      owner: expect.stringMatching(/^[A-Z]/),
      onCall: [{ kind: 'person', name: expect.stringMatching(/^[A-Z]\w+ [A-Z]/) }],
      tier: expect.stringMatching(/^[123]$/),
    });
    expect(dependsOn.filter((callee) => !services.has(callee))).toEqual([]);
  }
});
