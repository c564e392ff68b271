'use client';
import type { ReactNode } from 'react';
import type { TraceRow } from '#app/_server/trace-row.ts';
import { formatCount, formatDuration } from '#app/_ui/format.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Ago } from '#app/_ui/time.tsx';

const columns: Column<TraceRow>[] = [
  { key: 'operation', label: 'Operation', value: (trace) => trace.operation, render: (trace) => trace.operation },
  {
    key: 'duration',
    label: 'Duration',
    numeric: true,
    value: (trace) => trace.durationMs,
    render: (trace) => formatDuration(trace.durationMs),
  },
  {
    key: 'result',
    label: 'Result',
    value: (trace) => (trace.error ? 0 : 1),
    render: (trace) => (trace.error ? 'failed' : 'answered'),
  },
  { key: 'at', label: 'When', value: (trace) => trace.atMs, render: (trace) => <Ago ms={trace.atMs} /> },
  {
    key: 'spans',
    label: 'Spans',
    numeric: true,
    secondary: true,
    value: (trace) => trace.spans,
    render: (trace) => formatCount(trace.spans),
  },
];

/** Traces as rows that lead to their waterfalls. */
export function TraceTable({
  traces,
  label,
  none,
}: {
  traces: readonly TraceRow[];
  label: string;
  none: string;
}): ReactNode {
  return (
    <RowTable
      rows={traces}
      columns={columns}
      rowKey={(trace) => trace.traceId}
      href={(trace) => `/traces/${trace.traceId}`}
      label={label}
      none={none}
    />
  );
}
