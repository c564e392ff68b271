'use client';
import type { ReactNode } from 'react';
import type { InjectionRow } from '#app/_server/injections.ts';
import { Empty } from '#app/_ui/absence.tsx';
import { formatDuration } from '#app/_ui/format.ts';
import { describeInjection } from '#app/_ui/injection-line.tsx';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Ago, Lasting } from '#app/_ui/time.tsx';
import type { DrillRow } from '../_data.ts';
import { VerdictBadge } from './verdict-badge.tsx';

const drillColumns: Column<DrillRow>[] = [
  { key: 'name', label: 'Drill', render: (drill) => drill.name, value: (drill) => drill.name },
  {
    key: 'verdict',
    label: 'Verdict',
    render: (drill) => <VerdictBadge drill={drill} />,
    value: (drill) => drill.verdict ?? drill.state,
  },
  {
    key: 'detection',
    label: 'Detected in',
    numeric: true,
    value: (drill) => drill.detectionSeconds ?? Number.MAX_SAFE_INTEGER,
    render: (drill) => (drill.detectionSeconds === null ? '–' : formatDuration(drill.detectionSeconds * 1_000)),
  },
  {
    key: 'started',
    label: 'Started',
    render: (drill) => <Ago ms={drill.startedAtMs} />,
    value: (drill) => drill.startedAtMs,
  },
  {
    key: 'page',
    label: 'Page',
    secondary: true,
    wide: true,
    render: (drill) => drill.page?.summary ?? drill.reason ?? '–',
  },
  { key: 'author', label: 'By', secondary: true, render: (drill) => drill.author },
];

const injectionColumns: Column<InjectionRow>[] = [
  { key: 'name', label: 'Fault', render: (row) => row.name, value: (row) => row.name },
  { key: 'what', label: 'What it did', secondary: true, wide: true, render: describeInjection },
  { key: 'started', label: 'Started', render: (row) => <Ago ms={row.createdAtMs} />, value: (row) => row.createdAtMs },
  {
    key: 'lasted',
    label: 'Lasted',
    numeric: true,
    render: (row) =>
      row.injectedAtMs === null || row.undoneAtMs === null ? (
        '–'
      ) : (
        <Lasting fromMs={row.injectedAtMs} toMs={row.undoneAtMs} />
      ),
  },
  { key: 'end', label: 'Ended', render: (row) => row.endReason ?? row.state },
  { key: 'author', label: 'By', secondary: true, render: (row) => row.author },
];

/** Drills that ran, with their verdicts. */
export function DrillHistory({ drills }: { drills: readonly DrillRow[] }): ReactNode {
  if (drills.length === 0) {
    return (
      <Empty title="No drill has run yet" command="npx bellwether drill payments-errors">
        A drill proves that a fault would page. From a terminal:
      </Empty>
    );
  }
  return (
    <RowTable
      rows={drills}
      columns={drillColumns}
      rowKey={(drill) => drill.id}
      href={(drill) => (drill.page === null ? null : `/faults/${drill.page.faultId}`)}
      label="Drills"
    />
  );
}

/** Faults that were injected and are over. */
export function InjectionHistory({ injections }: { injections: readonly InjectionRow[] }): ReactNode {
  if (injections.length === 0)
    return <Empty title="Nothing has been injected yet">Faults started here end up below.</Empty>;
  return <RowTable rows={injections} columns={injectionColumns} rowKey={(row) => row.id} label="Past faults" />;
}
