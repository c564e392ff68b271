import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endWithUs } from './interrupt.ts';
import { readEnvironment } from './up/env.ts';

type Step = {
  name: string;
  /** Files whose contents decide whether the result is still good. */
  inputs: readonly string[];
  /** What must be there for the result to be good; the stamp lies beside it and goes with it. */
  output: string;
  stamp: string;
  /** Arguments to Node. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
};

const tests = ['**/*.test.ts', '**/*.test.tsx'];

const generateStep: Step = {
  name: 'generate the database client',
  inputs: ['prisma/schema.prisma', 'package-lock.json'],
  output: 'prisma/generated/client.ts',
  stamp: 'prisma/generated/.stamp',
  args: ['node_modules/prisma/build/index.js', 'generate', '--schema', 'prisma/schema.prisma', '--no-hints'],
  // Prisma looks for its schema engine, which generating does not use and which cannot be downloaded everywhere.
  env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
};

/** @param directory where the site's `next.config.js` lies */
function buildStep(name: string, directory: string, inputs: readonly string[]): Step {
  return {
    name,
    inputs: [...inputs, 'process/**/*.ts', 'package.json', 'package-lock.json'],
    output: `${directory}/.next/BUILD_ID`,
    stamp: `${directory}/.next/bellwether-stamp`,
    args: ['node_modules/next/dist/bin/next', 'build', directory],
    env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  };
}

const buildConsole = buildStep('build the console', '.', [
  ...['app', 'telemetry', 'alerts', 'chaos', 'prisma'].map((room) => `${room}/**/*.{ts,tsx,css}`),
  ...['services/topology.ts', 'next.config.js', 'postcss.config.js', 'app/**/*.{svg,png,ico,woff2}', 'public/**/*'],
]);

const buildStorefront = buildStep('build the storefront', 'services/storefront', [
  ...['services/storefront/**/*.{ts,tsx,css,js,json,svg}', 'services/kit/**/*.ts', 'services/*/contract.ts'],
]);

/**
 * Generates and builds what is missing or older than its inputs.
 * @throws Error with the end of what the failing step printed
 */
export async function prepare(
  root: string,
  { build, print }: { build: readonly ('console' | 'storefront')[]; print: (line: string) => void },
): Promise<void> {
  const builds = { console: buildConsole, storefront: buildStorefront };
  for (const step of [generateStep, ...build.map((site) => builds[site])]) {
    const hash = hashInputs(root, step);
    const stamp = path.join(root, step.stamp);
    if (existsSync(path.join(root, step.output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) continue;
    const startedAtMs = performance.now();
    print(`${step.name} …`);
    await runStep(root, step);
    writeFileSync(stamp, hash);
    print(`  done in ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`);
  }
}

function hashInputs(root: string, { inputs, args }: Step): string {
  const hash = createHash('sha256').update(JSON.stringify(args)).update(process.version);
  const files = globSync([...inputs], { cwd: root, exclude: tests }).sort();
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

async function runStep(root: string, { name, args, env }: Step): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...readEnvironment(), ...env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithUs(child);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-8_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  if (code !== 0) throw new Error(`could not ${name} (${String(code)}):\n${output.trim()}`);
}
