import type { SpanKind, StatusCode } from '#telemetry/rows';

const kinds: readonly SpanKind[] = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const statusCodes: readonly StatusCode[] = ['Unset', 'Ok', 'Error'];

/** OTLP `SpanKind` by number; a number that no version of the protocol knew yet is unspecified. */
export function spanKind(number: number): SpanKind {
  return kinds[number] ?? 'Unspecified';
}

/** OTLP `StatusCode` by number. */
export function statusCode(number: number): StatusCode {
  return statusCodes[number] ?? 'Unset';
}

/** End minus start in ns; 0 when a clock went backwards. */
export function durationNanos(start: bigint, end: bigint): number {
  return end > start ? Number(end - start) : 0;
}

/** The exporter's name for a sender that did not say who it is. */
export const unknownService = 'unknown_service';
