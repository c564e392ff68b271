// Runs on Node 20 without dependencies: installs what package-lock.json says, when it says something new, and hands
// over to the pinned Node in node_modules. Everything else is TypeScript, run by that one.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const pinnedNode = path.join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
const stampFile = path.join(modules, '.bellwether-installed');

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 20) fail(`Node.js ${process.versions.node} is too old: Bellwether needs 20 or newer (https://nodejs.org)`);

const lockHash = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');
if (readStamp() !== lockHash) await install();
linkOwnCommand();
process.exitCode = await handOver(process.argv.slice(2));

function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

function readStamp() {
  if (!existsSync(pinnedNode)) return undefined;
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8').trim() : undefined;
}

async function install() {
  const total = Object.keys(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages).length - 1;
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`installing ${total} packages (npm ci)\n`);
  // Loud enough to count downloads by; Prisma's own binaries are not used, so they are not downloaded.
  const child = spawn('npm', ['ci', '--loglevel=http', '--no-progress', '--include=dev', '--include=optional'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_SKIP_POSTINSTALL_GENERATE: 'true' },
    shell: process.platform === 'win32',
  });
  let fetched = 0;
  const errors = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (/^npm http (fetch|cache)/.test(line)) fetched += 1;
    else if (/^npm (error|ERR!)/.test(line)) errors.push(line);
  });
  const isTerminal = process.stdout.isTTY;
  const report = () => {
    const state = fetched < total ? `${fetched} of ${total} fetched` : 'unpacking';
    const text = `  ${state}, ${seconds()} s`;
    process.stdout.write(isTerminal ? `\r${text}\x1b[K` : `${text}\n`);
  };
  const timer = setInterval(report, isTerminal ? 250 : 5_000);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
  });
  clearInterval(timer);
  if (isTerminal) process.stdout.write('\r\x1b[K');
  if (code !== 0) explainFailure(code, errors);
  if (!existsSync(pinnedNode)) {
    fail(
      `npm ci ended well, but ${pinnedNode} is missing: were install scripts switched off (npm config ignore-scripts)?`,
    );
  }
  writeFileSync(stampFile, `${lockHash}\n`);
  process.stdout.write(`  packages installed in ${seconds()} s\n`);
}

function explainFailure(code, errors) {
  const text = errors.join('\n');
  const reasons = [
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network/i,
      'the package registry cannot be reached: check the network or `npm config get registry`',
    ],
    [/ENOSPC/, 'the disk is full'],
    [/EACCES|EPERM/, `no permission to write in ${root}`],
    [/ENOENT.*npm|spawn npm/, 'npm was not found on the PATH'],
    [/EUSAGE|in sync/, 'package.json and package-lock.json do not agree: run npm install'],
  ];
  const found = reasons.find(([pattern]) => pattern.test(`${text} ${code}`));
  const log = errors.slice(-12).join('\n');
  fail(
    `${log}\nThe installation failed: ${found ? found[1] : `npm ci ended with ${code}`}.\nNothing was started; run the command again to retry.`,
  );
}

/** `npx bellwether …` would otherwise install this very package into a cache first, and ask. */
function linkOwnCommand() {
  const link = path.join(modules, '.bin', 'bellwether');
  if (process.platform === 'win32' || existsSync(link)) return;
  mkdirSync(path.dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(path.join('..', '..', 'cli', 'bellwether.mjs'), link);
}

function handOver(args) {
  const environment = {
    ...process.env,
    PATH: [path.join(modules, '.bin'), process.env.PATH].join(path.delimiter),
  };
  const watch = pathToFileURL(path.join(root, 'cli', 'up', 'parent-watch.mjs')).href;
  const child = spawn(pinnedNode, ['--import', watch, path.join(root, 'cli', 'main.ts'), ...args], {
    stdio: 'inherit',
    env: environment,
    shell: process.platform === 'win32',
  });
  // Ctrl-C reaches the child by itself (same terminal); a signal sent to us alone has to be passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm's shell does not pass signals on: it dies, npm with it, and we would stay behind.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref();
  }
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${pinnedNode} does not run: ${error.message}`));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
