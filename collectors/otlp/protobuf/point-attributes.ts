import type { Attributes } from '#telemetry/rows';
import { type MetricContext, type MetricsBatch, type PointSeries, pointSeries } from '../metrics/translate.ts';
import { readAttribute } from './common.ts';
import { BYTES, createReader, leaveMessage, type Reader, skipField, skipMessage } from './wire.ts';

/** The attributes of a point, not decoded: where its `KeyValue` fields lie, tags included. Usually one run of bytes. */
export type EncodedAttributes = { start: number; end: number; moreRuns: string; field: number };

/** No attributes yet; `field` is their field number in this kind of point. */
export function noAttributes(field: number): EncodedAttributes {
  return { start: 0, end: 0, moreRuns: '', field };
}

/** Steps over a `KeyValue` whose tag began at `tagStart`. */
export function noteAttribute(reader: Reader, containerEnd: number, tagStart: number, run: EncodedAttributes): void {
  skipMessage(reader, containerEnd);
  if (run.end !== tagStart) {
    if (run.end > 0) run.moreRuns += reader.buf.latin1Slice(run.start, run.end);
    run.start = tagStart;
  }
  run.end = reader.pos;
}

/** The point's series by its encoded attributes; decodes them only when they are met for the first time. */
export function findSeries(
  batch: MetricsBatch,
  metric: MetricContext,
  reader: Reader,
  run: EncodedAttributes,
): PointSeries {
  const encoded = run.moreRuns + reader.buf.latin1Slice(run.start, run.end);
  // The field number is part of the tags within, so forms of different kinds of points cannot be confused.
  return pointSeries(batch, metric, encoded, () => decodeAttributes(encoded, run.field));
}

function decodeAttributes(encoded: string, field: number): Attributes {
  const attributes: Attributes = {};
  const reader = createReader(Buffer.from(encoded, 'latin1'));
  while (reader.pos < reader.length) {
    const key = reader.readVarint();
    if (key === ((field << 3) | BYTES)) readAttribute(reader, reader.length, attributes);
    else skipField(reader, key);
  }
  leaveMessage(reader, reader.length);
  return attributes;
}
