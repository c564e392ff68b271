import { addExponentialHistogram, addSummary, type ExponentialPoint, type SummaryPoint } from '../metrics/points.ts';
import { type MetricContext, type MetricsBatch, pointTime } from '../metrics/translate.ts';
import { findSeries, noAttributes, noteAttribute } from './point-attributes.ts';
import {
  BYTES,
  enterMessage,
  FIXED64,
  leaveMessage,
  type Reader,
  readNanosAsMs,
  readVarints,
  skipField,
  VARINT,
} from './wire.ts';

export function readExponentialPoint(
  reader: Reader,
  containerEnd: number,
  metric: MetricContext,
  batch: MetricsBatch,
): void {
  const end = enterMessage(reader, containerEnd);
  const attributes = noAttributes(1);
  const times = { timestampMs: 0, startMs: 0, flags: 0 };
  const point: ExponentialPoint = {
    count: 0,
    sum: undefined,
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: 0, counts: [] },
    negative: { offset: 0, counts: [] },
  };
  while (reader.pos < end) {
    const tagStart = reader.pos;
    const key = reader.readVarint();
    switch (key) {
      case (1 << 3) | BYTES:
        noteAttribute(reader, end, tagStart, attributes);
        break;
      case (2 << 3) | FIXED64:
        times.startMs = readNanosAsMs(reader);
        break;
      case (3 << 3) | FIXED64:
        times.timestampMs = readNanosAsMs(reader);
        break;
      case (10 << 3) | VARINT:
        times.flags = reader.readVarint();
        break;
      default:
        readExponentialField(reader, end, key, point);
    }
  }
  leaveMessage(reader, end);
  const series = findSeries(batch, metric, reader, attributes);
  addExponentialHistogram(batch, metric, series, pointTime(batch, metric, times), point);
}

function readExponentialField(reader: Reader, end: number, key: number, point: ExponentialPoint): void {
  switch (key) {
    case (4 << 3) | FIXED64:
      point.count = reader.readFixed64();
      break;
    case (5 << 3) | FIXED64:
      point.sum = reader.readDouble();
      break;
    case (6 << 3) | VARINT:
      point.scale = reader.readSVarint();
      break;
    case (7 << 3) | FIXED64:
      point.zeroCount = reader.readFixed64();
      break;
    case (8 << 3) | BYTES:
      point.positive = readBuckets(reader, end);
      break;
    case (9 << 3) | BYTES:
      point.negative = readBuckets(reader, end);
      break;
    case (14 << 3) | FIXED64:
      point.zeroThreshold = reader.readDouble();
      break;
    default:
      skipField(reader, key);
  }
}

function readBuckets(reader: Reader, containerEnd: number): { offset: number; counts: number[] } {
  const end = enterMessage(reader, containerEnd);
  let offset = 0;
  const counts: number[] = [];
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | VARINT)) offset = reader.readSVarint();
    else if (key === ((2 << 3) | BYTES)) readVarints(reader, end, counts);
    else if (key === ((2 << 3) | VARINT)) counts.push(reader.readVarint());
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  return { offset, counts };
}

export function readSummaryPoint(
  reader: Reader,
  containerEnd: number,
  metric: MetricContext,
  batch: MetricsBatch,
): void {
  const end = enterMessage(reader, containerEnd);
  const attributes = noAttributes(7);
  const times = { timestampMs: 0, startMs: 0, flags: 0 };
  let count = 0;
  let sum = 0;
  const quantiles: { quantile: number; value: number }[] = [];
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
        quantiles.push(readQuantile(reader, end));
        break;
      case (7 << 3) | BYTES:
        noteAttribute(reader, end, tagStart, attributes);
        break;
      case (8 << 3) | VARINT:
        times.flags = reader.readVarint();
        break;
      default:
        skipField(reader, key);
    }
  }
  leaveMessage(reader, end);
  const summary: SummaryPoint = { count, sum, quantiles };
  addSummary(batch, metric, findSeries(batch, metric, reader, attributes), pointTime(batch, metric, times), summary);
}

function readQuantile(reader: Reader, containerEnd: number): { quantile: number; value: number } {
  const end = enterMessage(reader, containerEnd);
  let quantile = 0;
  let value = 0;
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | FIXED64)) quantile = reader.readDouble();
    else if (key === ((2 << 3) | FIXED64)) value = reader.readDouble();
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  return { quantile, value };
}
