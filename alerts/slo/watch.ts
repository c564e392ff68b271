import { addAutomaticSlos } from './automatic.ts';
import type { SloDefinition, SloProblem } from './definition.ts';
import { loadSlos, readSloSignature } from './load.ts';

export type SloSource = {
  /** The SLOs in force when anything changed since the last call, else null. */
  poll: (nowMs: number) => Promise<{ slos: SloDefinition[]; problems: SloProblem[] } | null>;
};

const filesEveryMs = 2_000;
const servicesEveryMs = 5_000;
const servicesLookBackMs = 3_600_000;

/**
 * Declared SLOs by polling their files (an edit is in force within seconds, without a restart), and automatic ones by
 * asking which services send spans. A service once seen keeps its SLO: falling silent must not end its alerts.
 * @param known services that had an automatic SLO before the restart
 */
export function createSloSource({
  pattern,
  listSpanServices,
  known,
  onProblem,
}: {
  pattern: string;
  listSpanServices: (params: { sinceMs: number }) => Promise<{ service: string }[]>;
  known: string[];
  onProblem: (error: unknown) => void;
}): SloSource {
  const strangers = new Set(known);
  let signature: string | null = null;
  let declared: { slos: SloDefinition[]; problems: SloProblem[] } = { slos: [], problems: [] };
  let key = '';
  let filesAtMs = 0;
  let servicesAtMs = 0;
  let asking = false;

  async function pollFiles(nowMs: number): Promise<void> {
    if (nowMs - filesAtMs < filesEveryMs) return;
    filesAtMs = nowMs;
    const found = await readSloSignature(pattern);
    if (found === signature) return;
    declared = await loadSlos(pattern);
    signature = found;
  }

  /** In the background: evaluation does not wait for a list that changes once in a while. */
  function pollServices(nowMs: number): void {
    if (asking || nowMs - servicesAtMs < servicesEveryMs) return;
    servicesAtMs = nowMs;
    asking = true;
    listSpanServices({ sinceMs: nowMs - servicesLookBackMs })
      .then((rows) => {
        for (const { service } of rows) strangers.add(service);
      }, onProblem)
      .finally(() => {
        asking = false;
      });
  }

  return {
    poll: async (nowMs) => {
      await pollFiles(nowMs);
      pollServices(nowMs);
      const slos = addAutomaticSlos(declared.slos, strangers);
      const next = JSON.stringify([slos, declared.problems]);
      if (next === key) return null;
      key = next;
      return { slos, problems: declared.problems };
    },
  };
}
