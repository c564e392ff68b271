import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where to look for a browser. */
export function readBrowserEnv(source: Record<string, string | undefined> = process.env): {
  chromiumPath: string | undefined;
  searchPath: string[];
} {
  return { chromiumPath: source.CHROMIUM_PATH || undefined, searchPath: (source.PATH ?? '').split(path.delimiter) };
}

/** Programs of this machine that are missing, and whether that is a failure: it is where CI has installed them. */
export function findMissing(
  programs: readonly string[],
  source: Record<string, string | undefined> = process.env,
): { missing: string[]; required: boolean } {
  const folders = (source.PATH ?? '').split(path.delimiter);
  const missing = programs.filter((name) => !folders.some((folder) => existsSync(path.join(folder, name))));
  return { missing, required: source.CI === 'true' };
}

/** The environment of the tools that the checks run: ours, with the pinned tools first. */
export function readToolEnv(root: string, source: Record<string, string | undefined> = process.env): NodeJS.ProcessEnv {
  const bin = path.join(root, 'node_modules/.bin');
  const inherited = Object.entries(source).filter(([name]) => !name.startsWith('npm_'));
  return { ...Object.fromEntries(inherited), PATH: [bin, source.PATH].join(path.delimiter), NODE_ENV: 'test' };
}
