import path from 'node:path';

/** What every command needs to know: where the clone is and where its data lies. */
export function readCliEnv(source: Record<string, string | undefined> = process.env): {
  root: string;
  dataDir: string;
} {
  const root = path.resolve(import.meta.dirname, '..');
  return { root, dataDir: path.resolve(root, source.BELLWETHER_DATA_DIR || '.data') };
}
