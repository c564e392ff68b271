import { glob, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CatalogProblem, Declared } from './entity.ts';
import { type Parsed, parseCatalogFile } from './parse.ts';
import { readBeside, readText } from './placeholder.ts';

export type LoadedCatalog = {
  entities: Declared[];
  problems: CatalogProblem[];
  /** Every file that was looked at, those that were not there included. */
  files: string[];
};

/** Where the runbook of a component lies, or its address; without it a `runbook.md` beside the file is taken. */
export const runbookAnnotation = 'bellwether.dev/runbook';
const usualRunbook = './runbook.md';

/** Times and sizes of the files that match and of others that were read: different when anything was edited. */
export async function signCatalog(globs: readonly string[], others: readonly string[]): Promise<string> {
  const files = new Set([...(await listFiles(globs)), ...others]);
  const stats = await Promise.all(
    [...files].map(async (file) => {
      const found = await stat(file).catch(() => null);
      return `${file}:${found?.mtimeMs}:${found?.size}`;
    }),
  );
  return stats.join('\n');
}

/** Loads every entity of the files that match any of the globs. Whatever is wrong is a problem with its place; the rest counts. */
export async function loadCatalog(globs: readonly string[]): Promise<LoadedCatalog> {
  const loaded: LoadedCatalog = { entities: [], problems: [], files: await listFiles(globs) };
  const known = new Map<string, Declared>();
  for (const file of [...loaded.files]) {
    const read = await readText(file);
    if (!read.ok) {
      loaded.problems.push({ file, line: 1, column: 1, message: read.reason });
      continue;
    }
    const parsed = parseCatalogFile(file, read.text);
    loaded.problems.push(...parsed.problems);
    for (const one of parsed.entities) {
      const other = known.get(one.declared.ref);
      if (other === undefined) {
        known.set(one.declared.ref, one.declared);
        await addTexts(one, loaded);
      } else {
        const { ref, line } = one.declared;
        const message = `${ref} is declared twice, also in ${other.file}:${other.line}, which counts: rename one`;
        loaded.problems.push({ file, line, column: 1, message });
      }
    }
  }
  return { ...loaded, entities: [...known.values()] };
}

/** Puts the texts of the files that an entity names in its place. */
async function addTexts({ declared, locate }: Parsed, loaded: LoadedCatalog): Promise<void> {
  const { entity, file } = declared;
  const take = async (target: string, path: readonly string[], optional = false): Promise<string | null> => {
    loaded.files.push(join(dirname(file), target));
    const read = await readBeside(file, target);
    if (read.ok) return read.text;
    if (!optional) loaded.problems.push({ file, ...locate(path), message: `${path.join('.')}: ${read.reason}` });
    return null;
  };
  if (entity.kind === 'API') {
    const { definition } = entity.spec;
    if (typeof definition === 'string') declared.text = definition;
    else {
      const [name = '', target = ''] = Object.entries(definition)[0] ?? [];
      declared.text = await take(target, ['spec', 'definition', name]);
    }
  }
  if (entity.kind === 'Component') {
    const target = entity.metadata.annotations[runbookAnnotation];
    if (target === undefined) declared.text = await take(usualRunbook, [], true);
    else if (!/^https?:/.test(target))
      declared.text = await take(target, ['metadata', 'annotations', runbookAnnotation]);
  }
}

async function listFiles(globs: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const pattern of globs) for await (const file of glob(pattern)) files.add(file);
  return [...files].sort();
}
