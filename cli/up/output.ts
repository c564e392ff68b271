import type { StatusReport } from './control.ts';
import type { ProcessEvent } from './managed-process.ts';

/** One line of the log that `npm start` prints. */
export function describeEvent(event: ProcessEvent): string {
  switch (event.kind) {
    case 'ready': {
      const verb = event.isFirst ? 'ready' : 'ready again';
      const took = event.seconds === null ? '' : ` (${event.seconds.toFixed(1)} s)`;
      return `${event.name} ${verb}${took}${event.address === '' ? '' : `  ${event.address}`}`;
    }
    case 'unready':
      return `${event.name} runs but is not ready any more`;
    case 'died': {
      const words = event.exit.lastWords === '' ? '' : `: ${event.exit.lastWords}`;
      return `${event.name} died (${event.exit.reason})${words}; starting again in ${(event.restartInMs / 1_000).toFixed(1)} s`;
    }
    case 'replaced':
      return `${event.name} replaced; the old one finishes what it has begun`;
    case 'held':
      return `${event.name} is held down by a drill`;
    case 'released':
      return `${event.name} is released`;
  }
}

/** Lays rows out in columns; figures to the right. */
function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isFigure = header.map((_, column) => rows.every((row) => /^[-\d.]*( MB)?$/.test(row[column] ?? '')));
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isFigure[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(format).join('\n');
}

/** The table of `npm start` and `bellwether status`. */
export function formatStatus({ processes }: StatusReport): string {
  const header = ['process', 'address', 'state', 'seconds to ready', 'restarts', 'memory'];
  const megabytes = (bytes: number | null): string => (bytes === null ? '-' : `${Math.round(bytes / 1_048_576)} MB`);
  const rows = processes.map((one) => [
    one.name,
    one.address === '' ? '-' : one.address,
    one.state,
    one.secondsToReady === null ? '-' : one.secondsToReady.toFixed(1),
    String(one.restarts),
    megabytes(one.rssBytes),
  ]);
  const total = processes.reduce((sum, one) => sum + (one.rssBytes ?? 0), 0);
  return `${formatTable(header, rows)}\n${processes.length} processes, ${megabytes(total)} resident in all`;
}
