import { addHistogram, addNumber } from '../metrics/points.ts';
import { type MetricContext, type MetricsBatch, pointTime, rejectPoint } from '../metrics/translate.ts';
import { findSeries, noAttributes, noteAttribute } from './point-attributes.ts';
import {
  BYTES,
  enterMessage,
  FIXED64,
  leaveMessage,
  type Reader,
  readDoubles,
  readFixed64s,
  readNanosAsMs,
  skipField,
  VARINT,
} from './wire.ts';

/** A number: gauge or sum. */
export function readNumberPoint(
  reader: Reader,
  containerEnd: number,
  metric: MetricContext,
  batch: MetricsBatch,
): void {
  const end = enterMessage(reader, containerEnd);
  const attributes = noAttributes(7);
  let timestampMs = 0;
  let startMs = 0;
  let flags = 0;
  let value: number | undefined;
  while (reader.pos < end) {
    const tagStart = reader.pos;
    const key = reader.readVarint();
    switch (key) {
      case (2 << 3) | FIXED64:
        startMs = readNanosAsMs(reader);
        break;
      case (3 << 3) | FIXED64:
        timestampMs = readNanosAsMs(reader);
        break;
      case (4 << 3) | FIXED64:
        value = reader.readDouble();
        break;
      case (6 << 3) | FIXED64:
        value = reader.readSFixed64();
        break;
      case (7 << 3) | BYTES:
        noteAttribute(reader, end, tagStart, attributes);
        break;
      case (8 << 3) | VARINT:
        flags = reader.readVarint();
        break;
      default:
        skipField(reader, key);
    }
  }
  leaveMessage(reader, end);
  const time = pointTime(batch, metric, { timestampMs, startMs, flags });
  if (value === undefined && !time.stale) rejectPoint(batch, `${metric.name}: a point has no value`);
  else addNumber(batch, metric, findSeries(batch, metric, reader, attributes), time, value ?? 0);
}

export function readHistogramPoint(
  reader: Reader,
  containerEnd: number,
  metric: MetricContext,
  batch: MetricsBatch,
): void {
  const end = enterMessage(reader, containerEnd);
  const attributes = noAttributes(9);
  const times = { timestampMs: 0, startMs: 0, flags: 0 };
  let count = 0;
  let sum: number | undefined;
  const bucketCounts: number[] = [];
  const explicitBounds: number[] = [];
  while (reader.pos < end) {
    const tagStart = reader.pos;
    const key = reader.readVarint();
    switch (key) {
      case (2 << 3) | FIXED64:
        times.startMs = readNanosAsMs(reader);
        break;
      case (3 << 3) | FIXED64:
        times.timestampMs = readNanosAsMs(reader);
        break;
      case (4 << 3) | FIXED64:
        count = reader.readFixed64();
        break;
      case (5 << 3) | FIXED64:
        sum = reader.readDouble();
        break;
      case (6 << 3) | BYTES:
        readFixed64s(reader, end, bucketCounts);
        break;
      case (6 << 3) | FIXED64:
        bucketCounts.push(reader.readFixed64());
        break;
      case (7 << 3) | BYTES:
        readDoubles(reader, end, explicitBounds);
        break;
      case (7 << 3) | FIXED64:
        explicitBounds.push(reader.readDouble());
        break;
      case (9 << 3) | BYTES:
        noteAttribute(reader, end, tagStart, attributes);
        break;
      case (10 << 3) | VARINT:
        times.flags = reader.readVarint();
        break;
      default:
        skipField(reader, key);
    }
  }
  leaveMessage(reader, end);
  const series = findSeries(batch, metric, reader, attributes);
  addHistogram(batch, metric, series, pointTime(batch, metric, times), { count, sum, bucketCounts, explicitBounds });
}
