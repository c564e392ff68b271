import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import manifest from '../../package.json' with { type: 'json' };
import { readCliEnv } from '../env.ts';
import { readBrowserEnv } from './env.ts';

/** A Chromium, and how to launch it. */
export type Browser = {
  executablePath: string;
  /** Where it was found. */
  origin: 'CHROMIUM_PATH' | 'Playwright' | 'system' | '@sparticuz/chromium';
  args: string[];
  /** Variables that it needs on top of the environment. */
  env: Record<string, string>;
};

const systemNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Finds a browser for the tests: `CHROMIUM_PATH`, else the one that Playwright installed, else the system's, else the
 * one inside the npm package @sparticuz/chromium, which needs nothing from the system (Linux on x64).
 * @throws Error that says what to do when there is none
 */
export async function findBrowser(source?: Record<string, string | undefined>): Promise<Browser> {
  const { chromiumPath, searchPath } = readBrowserEnv(source);
  // Chromium's sandbox does not work for root, which is what one is in a container.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  if (chromiumPath !== undefined) {
    if (!isExecutable(chromiumPath)) throw new Error(`CHROMIUM_PATH=${chromiumPath}: there is no such program`);
    return { executablePath: chromiumPath, origin: 'CHROMIUM_PATH', args, env: {} };
  }
  const own = chromium.executablePath();
  if (existsSync(own)) return { executablePath: own, origin: 'Playwright', args, env: {} };
  const candidates = searchPath.flatMap((directory) => systemNames.map((name) => path.join(directory, name)));
  const system = candidates.find(isExecutable);
  if (system !== undefined) return { executablePath: system, origin: 'system', args, env: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return findPackaged();
  throw new Error(
    'no browser for the end-to-end tests: install Chromium and set CHROMIUM_PATH, or run npx playwright install chromium',
  );
}

async function findPackaged(): Promise<Browser> {
  const version = manifest.devDependencies['@sparticuz/chromium'];
  const directory = path.join(readCliEnv().root, 'node_modules/.cache/bellwether', `chromium-${version}`);
  if (!existsSync(directory)) await unpack(directory);
  return {
    executablePath: path.join(directory, 'chromium'),
    origin: '@sparticuz/chromium',
    // Its own `args` are left out: `--single-process` crashes on the second browser context.
    args: ['--no-sandbox'],
    env: { LD_LIBRARY_PATH: path.join(directory, 'al2023/lib'), FONTCONFIG_PATH: path.join(directory, 'fonts') },
  };
}

/** Into a directory of ours, renamed when complete: the package takes whatever lies in /tmp/chromium for good. */
async function unpack(directory: string): Promise<void> {
  mkdirSync(path.dirname(directory), { recursive: true });
  const unfinished = mkdtempSync(`${directory}-`);
  try {
    await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'unpack-browser.mjs')], {
      // The first makes it unpack the shared libraries that a bare machine lacks as well.
      env: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', TMPDIR: unfinished, HOME: unfinished, NODE_ENV: 'test' },
    });
    // Its own says /tmp/fonts; a page without any font has letters without width.
    const fonts = path.join(directory, 'fonts');
    writeFileSync(
      path.join(unfinished, 'fonts/fonts.conf'),
      `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${fonts}/cache</cachedir></fontconfig>
`,
    );
    if (!existsSync(directory)) renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
