import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Notes on disk about the batches that are being stored, by id. A crash between a table and its views leaves a batch half
 * stored; it was never acknowledged, so on reopening it is taken out everywhere and its sender's retry makes it whole.
 */
export type Journal = {
  begin: (batchId: string) => void;
  end: (batchId: string) => void;
  /** Batches that had begun and not ended. */
  unfinished: () => string[];
  /** Makes the deduplication tokens of batches unknown to the engine, which remembers those of rows taken out too. */
  forget: (batchIds: string[]) => void;
  clear: (batchIds: string[]) => void;
  /** The deduplication token for a batch: its id, with a suffix once it has been taken out and is sent again. */
  tokenOf: (batchId: string) => string;
};

const keptForgotten = 10_000;

/** Opens the journal of a data directory. Ids that are not decimal digits are not noted. */
export function openJournal(dataDir: string): Journal {
  const folder = join(dataDir, 'bellwether-inserting');
  const forgottenFile = join(dataDir, 'bellwether-forgotten.json');
  mkdirSync(folder, { recursive: true });
  const forgotten = readForgotten(forgottenFile);
  const isBatch = (batchId: string): boolean => /^\d{1,20}$/.test(batchId);
  return {
    begin: (batchId) => {
      if (isBatch(batchId)) writeFileSync(join(folder, batchId), '');
    },
    end: (batchId) => {
      if (isBatch(batchId)) rmSync(join(folder, batchId), { force: true });
    },
    unfinished: () => readdirSync(folder).filter(isBatch),
    forget: (batchIds) => {
      for (const batchId of batchIds) forgotten.set(batchId, (forgotten.get(batchId) ?? 0) + 1);
      const newest = [...forgotten].slice(-keptForgotten);
      writeFileSync(`${forgottenFile}.new`, JSON.stringify(newest));
      renameSync(`${forgottenFile}.new`, forgottenFile);
    },
    clear: (batchIds) => {
      for (const batchId of batchIds) rmSync(join(folder, batchId), { force: true });
    },
    tokenOf: (batchId) => {
      const times = forgotten.get(batchId);
      return times === undefined ? batchId : `${batchId}/${times}`;
    },
  };
}

function readForgotten(file: string): Map<string, number> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, number][]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}
