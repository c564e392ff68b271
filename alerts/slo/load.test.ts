import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSloSource } from './watch.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bellwether-slo-'));
});

afterEach(() => rm(folder, { recursive: true }));

function document(service: string, name: string, target: string): string {
  return `apiVersion: openslo/v1
kind: SLO
metadata: { name: ${name} }
spec:
  service: ${service}
  indicator:
    spec: { ratioMetric: { bad: { metricSource: { type: bellwether-spans, spec: { service: ${service}, bad: error } } } } }
  timeWindow: [{ duration: 28d, isRolling: true }]
  objectives: [{ target: ${target} }]
`;
}

async function write(service: string, text: string, file = 'slo.yaml'): Promise<void> {
  await mkdir(join(folder, service), { recursive: true });
  await writeFile(join(folder, service, file), text);
}

function open(services: string[] = [], known: string[] = []) {
  const listSpanServices = async () => services.map((service) => ({ service }));
  return createSloSource({ pattern: `${folder}/*/slo.yaml`, listSpanServices, known, onProblem: () => undefined });
}

test('a service that nobody declared has an automatic availability SLO, a declared one has not', async () => {
  await write('orders', document('orders', 'fast', '0.9'));
  const source = open(['orders', 'stranger'], ['silent']);
  expect((await source.poll(10_000))?.slos).toHaveLength(2);
  const { slos } = (await source.poll(11_000)) ?? { slos: [] };
  expect(slos.map(({ id, automatic }) => [id, automatic])).toEqual([
    ['orders/fast', false],
    ['silent/availability', true],
    ['stranger/availability', true],
  ]);
});

test("a file's runbook and owner are those that lie beside it", async () => {
  await write('orders', document('orders', 'fast', '0.9'));
  await write('orders', '# What to do', 'runbook.md');
  await write('orders', 'spec:\n  owner: team-orders\n', 'catalog-info.yaml');
  const loaded = await open().poll(10_000);
  expect(loaded?.slos[0]).toMatchObject({ runbook: join(folder, 'orders/runbook.md'), owner: 'team-orders' });
});

test('an edit is in force at the next look, an unchanged folder says nothing, a broken file leaves the others', async () => {
  await write('orders', document('orders', 'fast', '0.9'));
  await write('cart', document('cart', 'fast', '0.9'));
  const source = open();
  expect((await source.poll(10_000))?.slos).toHaveLength(2);
  expect(await source.poll(20_000)).toBeNull();
  await write('orders', document('orders', 'fast', 'most'));
  await utimes(join(folder, 'orders/slo.yaml'), 1, 1);
  const changed = await source.poll(30_000);
  expect(changed?.slos.map(({ id }) => id)).toEqual(['cart/fast']);
  expect(changed?.problems).toMatchObject([{ file: join(folder, 'orders/slo.yaml'), line: 9 }]);
});

test('an SLO declared twice is refused the second time', async () => {
  await write('orders', document('orders', 'fast', '0.9'));
  await write('cart', document('orders', 'fast', '0.9'));
  const loaded = await open().poll(10_000);
  expect(loaded?.slos).toHaveLength(1);
  expect(loaded?.problems[0]?.message).toContain('declared twice');
});
