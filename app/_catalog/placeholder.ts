import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, resolve, sep } from 'node:path';

export type FileText = { ok: true; text: string } | { ok: false; reason: string };

/** An API description is some hundred kilobytes; more is a mistake. */
const mostBytes = 4 * 1024 * 1024;

/** Reads a text file of a size that a person may have written. */
export async function readText(path: string): Promise<FileText> {
  try {
    const { size } = await stat(path);
    if (size > mostBytes) return { ok: false, reason: `larger than ${mostBytes / 1024 / 1024} MiB` };
    return { ok: true, text: await readFile(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    return { ok: false, reason: code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${code}` };
  }
}

/**
 * Reads a file that a catalogue file names, relative to itself. Only what lies in the catalogue file's own folder or below
 * is read, wherever links lead: a catalogue is written by many, and the console shows what it reads.
 */
export async function readBeside(catalogFile: string, target: string): Promise<FileText> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target))
    return { ok: false, reason: `${target}: only files beside this one are read` };
  if (isAbsolute(target)) return { ok: false, reason: `${target}: expected a path relative to this file` };
  const folder = await realpath(dirname(catalogFile));
  const path = resolve(folder, target);
  const found = await realpath(path).catch(() => path);
  if (![path, found].every((place) => place.startsWith(folder + sep))) {
    return { ok: false, reason: `${target}: lies outside of the folder of this file` };
  }
  const read = await readText(found);
  return read.ok ? read : { ok: false, reason: `${target}: ${read.reason}` };
}
