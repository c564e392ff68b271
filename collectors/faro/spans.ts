import type { SpanRow } from '#telemetry/rows';
import { readResourceSpans } from '../otlp/json/traces.ts';
import { findClockShift, moveNanos } from './clock.ts';
import { cleanAttributes, cleanText } from './privacy.ts';

/**
 * The spans of a browser's request, `traces.resourceSpans` in OTLP/JSON.
 *
 * Anyone can send them, since the key is public: so they are the app's own whatever they claim, they serve no requests, and
 * they name no peer. Else a stranger could bring down the availability of any service, and page for it.
 * @throws MalformedError naming the field
 */
export function readBrowserSpans(resourceSpans: unknown, app: string, nowMs: number): SpanRow[] {
  const rows = readResourceSpans(resourceSpans, 'traces.resourceSpans');
  const toMs = (nanos: string): number => Number(BigInt(nanos) / 1_000_000n);
  const shiftMs = findClockShift(
    rows.map((row) => toMs(row.Timestamp) + row.Duration / 1e6),
    nowMs,
  );
  const move = (nanos: string): string => moveNanos(nanos, shiftMs, nowMs);
  return rows.map((row) => {
    const { 'peer.service': _, ...attributes } = row.SpanAttributes;
    return {
      ...row,
      Timestamp: move(row.Timestamp),
      // A span of an hour is a page left open; longer than a day is a broken clock.
      Duration: Math.min(row.Duration, longestNanos),
      SpanName: cleanText(row.SpanName),
      SpanKind: row.SpanKind === 'Server' || row.SpanKind === 'Consumer' ? 'Internal' : row.SpanKind,
      ServiceName: app,
      ResourceAttributes: { ...cleanAttributes(row.ResourceAttributes), 'service.name': app },
      SpanAttributes: cleanAttributes(attributes),
      StatusMessage: cleanText(row.StatusMessage),
      'Events.Timestamp': row['Events.Timestamp'].map(move),
      'Events.Name': row['Events.Name'].map(cleanText),
      'Events.Attributes': row['Events.Attributes'].map(cleanAttributes),
      'Links.Attributes': row['Links.Attributes'].map(cleanAttributes),
    };
  });
}

const longestNanos = 86_400e9;
