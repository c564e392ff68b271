import { parseArgs } from 'node:util';
import { type Command, UsageError } from './command.ts';
import { parseDurationMs } from './duration.ts';
import { readInstance } from './instance.ts';
import type { StatusReport } from './up/control.ts';
import { formatStatus } from './up/output.ts';

export const command: Command = {
  summary: 'Show the running processes, their state and memory',
  help: `
Usage: npx bellwether status [--wait <duration>] [--json]

  --wait 300s   wait until every process is ready, at most this long (s, m or h; plain figures are seconds)
  --json        print {ready, processes: [{name, address, state, secondsToReady, pid, restarts, replaceable, rssBytes}]}

Exit codes: 0 every process is ready, 1 not (in time), 2 wrong usage.`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { wait: { type: 'string' }, json: { type: 'boolean' } } });
    const waitMs = values.wait === undefined ? 0 : parseDurationMs(values.wait);
    if (waitMs === undefined) throw new UsageError(`--wait ${values.wait}: expected a duration such as 300s or 5m`);
    const report = await waitForReady(waitMs);
    process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : formatStatus(report)}\n`);
    return report.ready ? 0 : 1;
  },
};

/** The first report that says ready, or the last one before the time was over. */
async function waitForReady(waitMs: number): Promise<StatusReport> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const isLast = performance.now() >= deadlineMs;
    try {
      const report = await fetchStatus();
      if (report.ready || isLast) return report;
    } catch (error) {
      // Not started yet, or still installing and building.
      if (isLast) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @throws Error when the supervisor does not answer */
export async function fetchStatus(): Promise<StatusReport> {
  const { supervisorUrl, pid } = readInstance();
  const response = await fetch(`${supervisorUrl}/status`, { signal: AbortSignal.timeout(15_000) }).catch(
    () => undefined,
  );
  if (response === undefined) throw new Error(`the supervisor (process ${pid}) does not answer at ${supervisorUrl}`);
  return (await response.json()) as StatusReport;
}
