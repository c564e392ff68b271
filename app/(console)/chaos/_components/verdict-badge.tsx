import type { ReactNode } from 'react';
import { StateBadge, type Tone } from '#app/_ui/state.tsx';
import type { DrillRow } from '../_data.ts';

// A failed drill hurts no customer, so it is amber, not red: the alerting is what is at risk.
const tones: Record<string, Tone> = { hit: 'ok', silent: 'ok' };

/** How a drill went. */
export function VerdictBadge({ drill }: { drill: DrillRow }): ReactNode {
  if (drill.state === 'running') return <StateBadge tone="over">Running</StateBadge>;
  if (drill.state === 'refused') return <StateBadge tone="unknown">Refused</StateBadge>;
  const verdict = drill.verdict ?? 'no verdict';
  const tone = drill.verdict === null ? 'unknown' : (tones[verdict] ?? 'risk');
  return <StateBadge tone={tone}>{verdict.charAt(0).toUpperCase() + verdict.slice(1)}</StateBadge>;
}
