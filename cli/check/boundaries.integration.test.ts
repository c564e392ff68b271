import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { readCliEnv } from '../env.ts';
import { readToolEnv } from './env.ts';

const { root } = readCliEnv();
const imports = 'lint/style/noRestrictedImports';

const importing = (source: string): string => `import { one } from '${source}';\n\none();\n`;
const long = (lines: number): string => Array.from({ length: lines }, (_, i) => `  one(${i});`).join('\n');

/** What the linter must refuse: a file, what it says, and the rule that speaks. */
const forbidden: [file: string, text: string, rule: string][] = [
  ['process/a.ts', importing('#telemetry/client'), imports],
  ['telemetry/a.ts', importing('#alerts/detectors/ratio'), imports],
  ['telemetry/b.ts', importing('#collectors/receiver'), imports],
  ['telemetry/c.ts', importing('#app/env'), imports],
  ['collectors/a.ts', importing('#alerts/env'), imports],
  ['collectors/b.ts', importing('#app/env'), imports],
  ['collectors/c.ts', importing('#services/kit/outbox'), imports],
  ['collectors/d.ts', importing('#telemetry/queries/red'), imports],
  ['collectors/e.ts', importing('@clickhouse/client'), imports],
  ['alerts/a.ts', importing('#chaos/contract'), imports],
  ['alerts/b.ts', importing('react'), imports],
  ['alerts/c.ts', importing('@clickhouse/client'), imports],
  ['alerts/d.ts', importing('#telemetry/queries/detection'), imports],
  ['alerts/e.test.ts', importing('#chaos/contract'), imports],
  ['alerts/main.ts', importing('#chaos/contract'), imports],
  ['chaos/a.ts', importing('react'), imports],
  ['chaos/b.ts', importing('@mantine/core'), imports],
  ['chaos/c.ts', importing('#alerts/evaluation/load'), imports],
  ['deploy/kafka/a.ts', importing('#services/kit/outbox'), imports],
  ['services/orders/a.ts', importing('#services/cart/store'), imports],
  ['services/orders/b.ts', importing('#telemetry/client'), imports],
  ['services/orders/c.ts', importing('#prisma/client'), imports],
  ['services/orders/d.ts', importing('#chaos/contract'), imports],
  ['services/orders/e.ts', importing('#cli/embedded/test-postgres'), imports],
  ['services/orders/g.ts', importing('react'), imports],
  ['services/storefront/a.tsx', importing('@mantine/core'), imports],
  ['services/storefront/b.ts', importing('#services/orders/store'), imports],
  ['services/storefront/c.ts', importing('#app/env'), imports],
  ['services/kit/a.ts', importing('#services/orders/contract'), imports],
  ['app/a.ts', importing('#telemetry/writer/writer'), imports],
  ['app/b.ts', importing('#collectors/receiver'), imports],
  ['app/c.ts', importing('#services/orders/contract'), imports],
  ['app/d.ts', importing('#alerts/evaluation/load'), imports],
  ['prisma/a.ts', importing('#alerts/env'), imports],
  ['cli/a.ts', importing('#telemetry/client'), imports],
  ['cli/b.ts', importing('#alerts/main'), imports],
  ['e2e/a.ts', importing('#alerts/evaluation/load'), imports],
  ['bench/a.ts', importing('#alerts/main'), imports],
  ['alerts/f.ts', importing('./main.ts'), imports],
  ['services/orders/f.ts', importing('./shop-fixture.ts'), imports],
  ['alerts/g.ts', 'export const one = process.env.ONE;\n', 'lint/style/noProcessEnv'],
  [
    'alerts/cycle-a.ts',
    "import { two } from './cycle-b.ts';\n\nexport const one = (): number => two();\n",
    'lint/suspicious/noImportCycles',
  ],
  [
    'alerts/cycle-b.ts',
    "import { one } from './cycle-a.ts';\n\nexport const two = (): number => one();\n",
    'lint/suspicious/noImportCycles',
  ],
  ['alerts/h.ts', `${long(301)}\n`, 'lint/style/noExcessiveLinesPerFile'],
  ['alerts/i.ts', `export function two(): void {\n${long(61)}\n}\n`, 'lint/complexity/noExcessiveLinesPerFunction'],
  ['app/i.tsx', `export function Two(): void {\n${long(101)}\n}\n`, 'lint/complexity/noExcessiveLinesPerFunction'],
  ['alerts/j.ts', 'export const one = (two: any): string => two;\n', 'lint/suspicious/noExplicitAny'],
  ['alerts/k.ts', 'export const one = (two?: string): string => two!;\n', 'lint/style/noNonNullAssertion'],
];

/** What it must let pass, so that the rules above do not merely refuse everything. */
const allowed: [file: string, text: string][] = [
  ['telemetry/ok-a.ts', importing('@clickhouse/client')],
  ['collectors/ok-a.ts', importing('#telemetry/writer/writer')],
  ['alerts/ok-a.ts', importing('#prisma/client')],
  ['alerts/ok-b.ts', importing('#process/logger')],
  ['chaos/ok-a.ts', importing('#services/topology')],
  ['services/orders/ok-a.ts', importing('#services/cart/contract')],
  ['services/orders/ok-b.ts', importing('#services/kit/outbox')],
  ['deploy/kafka/ok-a.ts', importing('#cli/embedded/kafka')],
  ['services/orders/ok-c.test.ts', importing('#cli/embedded/test-postgres')],
  ['services/storefront/ok-a.tsx', importing('react')],
  ['services/storefront/ok-b.ts', importing('#services/orders/contract')],
  ['app/ok-a.ts', importing('#telemetry/queries/red')],
  ['app/ok-b.tsx', importing('react')],
  ['cli/ok-a.ts', importing('#services/topology')],
  ['e2e/ok-a.ts', importing('#cli/instance')],
  ['alerts/env.ts', 'export const one = process.env.ONE;\n'],
  ['alerts/ok-c.ts', `export function two(): void {\n${long(58)}\n}\n`],
];

let directory: string;
let refusals: Map<string, Set<string>>;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'bellwether-rooms-'));
  cpSync(path.join(root, 'biome.json'), path.join(directory, 'biome.json'));
  for (const [file, text] of [...forbidden, ...allowed]) {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
  }
  refusals = await lint(directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const reportSchema = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })),
});

async function lint(cwd: string): Promise<Map<string, Set<string>>> {
  const biome = path.join(root, 'node_modules/.bin/biome');
  const args = ['lint', '.', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none'];
  const output = await new Promise<string>((resolve) => {
    execFile(biome, args, { cwd, env: readToolEnv(root) }, (_error, stdout) => resolve(stdout));
  });
  const rules = new Map<string, Set<string>>();
  for (const { category, location } of reportSchema.parse(JSON.parse(output)).diagnostics) {
    rules.set(location.path, (rules.get(location.path) ?? new Set()).add(category));
  }
  return rules;
}

test.each(forbidden)('refused: %s', (file, _text, rule) => {
  expect([...(refusals.get(file) ?? [])]).toContain(rule);
});

test.each(allowed)('let pass: %s', (file) => {
  expect([...(refusals.get(file) ?? [])].filter((rule) => forbidden.some(([, , known]) => known === rule))).toEqual([]);
});

test('no relative import leaves its room, or its service: the rules above see only names with a #', async () => {
  const files = await new Promise<string[]>((resolve) => {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'];
    execFile('git', args, { cwd: root }, (_error, stdout) => resolve(stdout.split('\n').filter(Boolean)));
  });
  expect(files.length).toBeGreaterThan(100);
  const roomOf = (file: string): string =>
    file
      .split('/')
      .slice(0, file.startsWith('services/') ? 2 : 1)
      .join('/');
  const escapes = files
    .filter((file) => existsSync(path.join(root, file)))
    .flatMap((file) =>
      [...readFileSync(path.join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)]
        .map(([, source = '']) => path.normalize(path.join(path.dirname(file), source)))
        .filter((target) => roomOf(target) !== roomOf(file) && target !== 'package.json')
        .map((target) => `${file} → ${target}`),
    );
  expect(escapes).toEqual([]);
});
