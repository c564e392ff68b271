'use client';
import '@mantine/charts/styles.css';
import { ChartTooltip, LineChart, type LineChartProps } from '@mantine/charts';
import { useRouter } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import { ReferenceArea } from 'recharts';
import type { Marker } from '#app/_server/markers.ts';
import { formatTime } from './format.ts';
import { labelMarks, markLooks, numberMarks } from './marks.ts';
import { useZone } from './time.tsx';

export type ChartPoint = { atMs: number } & Record<string, number | null>;

export type TimeChartProps = {
  label: string;
  points: readonly ChartPoint[];
  series: readonly { key: string; label: string; color: string; dashed?: boolean }[];
  /** Horizontal lines, e.g. an objective's threshold. */
  thresholds?: readonly { value: number; label: string }[];
  markers?: readonly Marker[];
  format: (value: number) => string;
  range: { fromMs: number; toMs: number };
  /** Highest value of the axis when the data stays below, so that a quiet chart is not blown up. */
  atLeast?: number;
  /** Highest value that there can be, e.g. 1 for a share. */
  atMost?: number;
  /** Names the series below the plot; by default when there are several. */
  withLegend?: boolean;
  heightPx?: number;
  /** Width of the whole chart. */
  widthPx: number;
};

/** The skeleton has the same. */
const usualHeightPx = 190;

const dayMs = 86_400_000;

const axisPx = 62;
const marginRightPx = 18;

function placeNumbers(
  markers: readonly Marker[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  plotPx: number,
): { atMs: number; text: string }[] {
  if (plotPx <= 0) return [];
  const inside = numberMarks(markers).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  return labelMarks(inside, plotPx / (toMs - fromMs));
}

/**
 * Rows of a legend by the length of its labels: one that wraps must not run out of its chart. The plot takes its place
 * above the legend when it is first drawn, so another number of rows is another chart.
 */
function countLegendRows(series: readonly { label: string }[], widthPx: number): number {
  const neededPx = series.reduce((sum, { label }) => sum + label.length * 8 + 36, 0);
  return Math.max(1, Math.ceil(neededPx / widthPx));
}

const roundTops = [1, 2, 4, 6, 8, 10];

/** The next round number above a value, for the top of an axis. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return (roundTops.find((top) => top * magnitude >= value) ?? 10) * magnitude;
}

type Lines = {
  thresholds: NonNullable<TimeChartProps['thresholds']>;
  markers: NonNullable<TimeChartProps['markers']>;
  numbers: readonly { atMs: number; text: string }[];
};

/** Thresholds across the plot, marks from its top to its bottom, and the numbers of those that have room for one. */
function toReferenceLines({ thresholds, markers, numbers }: Lines): LineChartProps['referenceLines'] {
  return [
    ...thresholds.map(({ value, label: text }) => ({
      y: value,
      color: 'yellow.7',
      strokeDasharray: '6 3',
      label: text,
      labelPosition: 'insideBottomLeft' as const,
    })),
    ...markers.map(({ atMs, kind }) => ({
      x: atMs,
      color: markLooks[kind].color,
      strokeDasharray: markLooks[kind].strokeDasharray,
    })),
    ...numbers.map(({ atMs, text }) => ({
      x: atMs,
      color: 'var(--mantine-color-text)',
      strokeOpacity: 0,
      label: text,
      labelPosition: 'top' as const,
    })),
  ];
}

/** A line chart over time: zero-based, gaps as gaps, a common crosshair with all charts of the page, dragging selects. */
export default function TimeChart(props: TimeChartProps): ReactNode {
  const {
    points,
    series,
    thresholds = [],
    markers = [],
    format,
    range,
    atLeast = 0,
    atMost = Number.POSITIVE_INFINITY,
    label,
    withLegend = series.length > 1,
    widthPx,
    heightPx = usualHeightPx,
  } = props;
  const { utc } = useZone();
  const router = useRouter();
  const [drag, setDrag] = useState<{ fromMs: number; toMs: number } | null>(null);
  const numbers = placeNumbers(markers, range, widthPx - axisPx - marginRightPx);
  const highest = Math.max(atLeast, ...thresholds.map(({ value }) => value)) * 1.1;
  const long = range.toMs - range.fromMs > dayMs;
  const clock = (ms: number, style: 'clock' | 'minute' = 'minute'): string =>
    formatTime(ms, { utc, style: long ? 'day' : style });
  const at = (state: { activeLabel?: string | number }): number => Number(state.activeLabel);
  const finish = (): void => {
    if (drag !== null && Math.abs(drag.toMs - drag.fromMs) >= 30_000) {
      const [from, to] = [drag.fromMs, drag.toMs].sort((a, b) => a - b);
      router.push(`?range=${from}-${to}`, { scroll: false });
    }
    setDrag(null);
  };
  const legendRows = countLegendRows(series, widthPx);
  return (
    <LineChart
      key={legendRows}
      h={heightPx}
      aria-label={label}
      data={points as ChartPoint[]}
      dataKey="atMs"
      series={series.map(({ key, label: name, color, dashed }) => ({
        name: key,
        label: name,
        color,
        ...(dashed ? { strokeDasharray: '5 3' } : {}),
      }))}
      curveType="linear"
      connectNulls={false}
      withDots={false}
      strokeWidth={1.75}
      tickLine="none"
      valueFormatter={format}
      lineProps={{ isAnimationActive: false }}
      withLegend={withLegend}
      legendProps={{ verticalAlign: 'bottom', height: legendRows * 24 }}
      styles={{ legend: { padding: 0 } }}
      xAxisProps={{
        type: 'number',
        scale: 'time',
        domain: [range.fromMs, range.toMs],
        allowDataOverflow: true,
        tickFormatter: (ms: number) => clock(ms),
        minTickGap: 40,
        tickMargin: 6,
      }}
      yAxisProps={{
        domain: [0, (max: number) => Math.min(atMost, roundUp(Math.max(max * 1.04, highest)))],
        width: axisPx,
        tickCount: 5,
      }}
      tooltipProps={{
        isAnimationActive: false,
        content: ({ label: ms, payload }) =>
          Number.isFinite(Number(ms)) && (
            <ChartTooltip
              label={clock(Number(ms), 'clock')}
              payload={[...(payload ?? [])] as unknown as Record<string, unknown>[]}
              series={series.map(({ key, label: name, color }) => ({ name: key, label: name, color }))}
              valueFormatter={format}
            />
          ),
      }}
      lineChartProps={{
        syncId: 'page',
        syncMethod: 'value',
        margin: { top: 18, right: marginRightPx, left: 0, bottom: 0 },
        onMouseDown: (state) => Number.isFinite(at(state)) && setDrag({ fromMs: at(state), toMs: at(state) }),
        onMouseMove: (state) => drag !== null && Number.isFinite(at(state)) && setDrag({ ...drag, toMs: at(state) }),
        onMouseUp: finish,
        onMouseLeave: () => setDrag(null),
      }}
      referenceLines={toReferenceLines({ thresholds, markers, numbers })}
    >
      {drag !== null && <ReferenceArea x1={drag.fromMs} x2={drag.toMs} fillOpacity={0.15} />}
    </LineChart>
  );
}
