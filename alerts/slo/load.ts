import { glob, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { SloDefinition, SloProblem } from './definition.ts';
import { parseOpenSlo } from './openslo.ts';

export type LoadedSlos = { slos: SloDefinition[]; problems: SloProblem[] };

/** Names, times and sizes of the files that match: different when anything was edited, added or removed. */
export async function readSloSignature(pattern: string): Promise<string> {
  const files = await listFiles(pattern);
  const stats = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file).catch(() => null);
      return `${file}:${found?.mtimeMs}:${found?.size}`;
    }),
  );
  return stats.join('\n');
}

/** Loads every SLO of the files that match. Whatever is wrong is a problem with its place; the rest is in force. */
export async function loadSlos(pattern: string): Promise<LoadedSlos> {
  const slos = new Map<string, SloDefinition>();
  const problems: SloProblem[] = [];
  for (const file of await listFiles(pattern)) {
    const text = await readFile(file, 'utf8').catch((error: Error) => error);
    if (text instanceof Error) {
      problems.push({ file, line: 1, message: `cannot be read: ${text.message}` });
      continue;
    }
    const parsed = parseOpenSlo(file, text);
    problems.push(...parsed.problems);
    for (const slo of parsed.slos) {
      const other = slos.get(slo.id);
      if (other === undefined) slos.set(slo.id, await addRecord(file, slo));
      else problems.push({ file, line: 1, message: `${slo.id} is declared twice, also in ${other.file}: rename one` });
    }
  }
  return { slos: [...slos.values()], problems };
}

/** A service's folder is its record: its runbook and its owner lie beside the slo.yaml. */
async function addRecord(file: string, slo: SloDefinition): Promise<SloDefinition> {
  const runbook = join(dirname(file), 'runbook.md');
  const hasRunbook = await stat(runbook).then(
    () => true,
    () => false,
  );
  const catalog = await readFile(join(dirname(file), 'catalog-info.yaml'), 'utf8').catch(() => '');
  return {
    ...slo,
    runbook: slo.runbook ?? (hasRunbook ? runbook : null),
    owner: slo.owner ?? readOwner(catalog),
  };
}

function readOwner(catalog: string): string | null {
  try {
    const owner: unknown = parse(catalog)?.spec?.owner;
    return typeof owner === 'string' ? owner : null;
  } catch {
    return null; // the catalogue has its own check; an SLO does not depend on it
  }
}

async function listFiles(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(pattern)) files.push(file);
  return files.sort();
}
