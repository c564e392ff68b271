import { createWriteStream, mkdirSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import path from 'node:path';

export type LogFile = {
  /** Appends one line that a process printed. */
  write: (line: string, stream: 'stdout' | 'stderr') => void;
  close: () => Promise<void>;
};

/**
 * A line as it stands in the log: JSON objects as they are, anything else wrapped into one, so that every line of
 * every log parses.
 */
export function toJsonLine(process: string, line: string, stream: 'stdout' | 'stderr', now: Date): string {
  if (line.startsWith('{')) {
    try {
      JSON.parse(line);
      return line;
    } catch {
      // Only looked like JSON: wrapped like any other text.
    }
  }
  const level = stream === 'stderr' ? 'error' : 'info';
  return JSON.stringify({ level, time: now.toISOString(), process, stream, msg: line });
}

/** Opens a log for appending; at `maxBytes` it becomes `<name>.1.log`, in place of the one before. */
export function openLogFile(file: string, process: string, maxBytes = 16 * 1024 * 1024): LogFile {
  mkdirSync(path.dirname(file), { recursive: true });
  let bytes = sizeOf(file);
  let output = append(file);
  return {
    write: (line, stream) => {
      if (line === '') return;
      if (bytes >= maxBytes) {
        output.end();
        renameSync(file, file.replace(/\.log$/, '.1.log'));
        output = append(file);
        bytes = 0;
      }
      const text = `${toJsonLine(process, line, stream, new Date())}\n`;
      bytes += Buffer.byteLength(text);
      output.write(text);
    },
    close: () => new Promise((resolve) => output.end(() => resolve())),
  };
}

function append(file: string): WriteStream {
  const stream = createWriteStream(file, { fd: openSync(file, 'a', 0o600) });
  // A full disk must not take the supervisor down with it; the processes log the reason of their own failures.
  stream.on('error', () => {});
  return stream;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
