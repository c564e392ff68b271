import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const resultsFolder = join(import.meta.dirname, 'results');

/** Where and when a benchmark ran: its numbers mean nothing without it. */
type BenchmarkContext = {
  date: string;
  commit: string;
  uncommittedChanges: boolean;
  node: string;
  cpu: string;
  cores: number;
  memoryGiB: number;
};

/**
 * Writes `bench/results/<yyyy-mm-dd>-<name>-<commit>.json` with the context (date, commit, machine) beside the results.
 * @returns the file's path
 */
export function writeReport(name: string, results: Record<string, unknown>, now: Date = new Date()): string {
  const context = readContext(now);
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${context.date.slice(0, 10)}-${name}-${context.commit}.json`);
  writeFileSync(file, `${JSON.stringify({ benchmark: name, ...context, ...results }, null, 2)}\n`);
  return file;
}

/** The middle value; the mean of the two middle ones when their number is even. NaN of nothing. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}

function readContext(now: Date): BenchmarkContext {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const processors = cpus();
  return {
    date: now.toISOString(),
    commit: git('rev-parse', '--short=10', 'HEAD'),
    uncommittedChanges: git('status', '--porcelain', '--untracked-files=no') !== '',
    node: process.version,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
