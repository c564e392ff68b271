import fc from 'fast-check';
import type { PbfWriter } from 'pbf';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import type { OtlpSignal } from './decode.ts';
import type { Encoding } from './response.ts';
import {
  decode,
  encode,
  jsonEntries,
  jsonRequest,
  jsonSpan,
  type Point,
  point,
  span,
  writeEntry,
  writeNanos,
  writeSpan,
} from './test-requests.ts';

describe('protobuf and JSON of the same request give the same rows', () => {
  test('spans', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(span, { maxLength: 4 }), async (spans) => {
        const fromProtobuf = await decode('traces', 'protobuf', encode(spans, writeSpan));
        const fromJson = await decode(
          'traces',
          'json',
          jsonRequest('resourceSpans', 'scopeSpans', { spans: spans.map(jsonSpan) }),
        );
        expect(fromProtobuf.spans).toEqual(fromJson.spans);
        expect(fromProtobuf.spans.map((row) => [row.TraceId, row.SpanName, row.Timestamp])).toEqual(
          spans.map((each) => [each.traceId, each.name, each.start.toString()]),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('gauge points', async () => {
    const writePoint = (each: Point, writer: PbfWriter): void => {
      // Attributes in two runs, with other fields between them.
      for (const entry of each.attributes.slice(0, 1)) writer.writeMessage(7, writeEntry, entry);
      writeNanos(2, each.start, writer);
      writeNanos(3, each.time, writer);
      for (const entry of each.attributes.slice(1)) writer.writeMessage(7, writeEntry, entry);
      writer.writeDoubleField(4, each.value);
    };
    const writeMetric = (points: Point[], writer: PbfWriter): void => {
      writer.writeMessage(
        5,
        (all, gauge) => {
          for (const each of all) gauge.writeMessage(1, writePoint, each);
        },
        points,
      );
      writer.writeStringField(1, 'g');
    };
    await fc.assert(
      fc.asyncProperty(fc.array(point, { maxLength: 4 }), async (points) => {
        const dataPoints = points.map((each) => ({
          attributes: jsonEntries(each.attributes),
          timeUnixNano: each.time.toString(),
          startTimeUnixNano: each.start.toString(),
          asDouble: each.value,
        }));
        const metrics = [{ name: 'g', gauge: { dataPoints } }];
        const fromProtobuf = await decode('metrics', 'protobuf', encode([points], writeMetric));
        const fromJson = await decode('metrics', 'json', jsonRequest('resourceMetrics', 'scopeMetrics', { metrics }));
        expect(fromProtobuf.samples).toEqual(fromJson.samples);
        expect(fromProtobuf.series).toEqual(fromJson.series);
        expect(fromProtobuf.samples.map(({ timestampMs }) => timestampMs)).toEqual(
          points.map(({ time }) => Number(time / 1_000_000n)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('bytes that are not a request are refused with a reason, never with a crash', () => {
  const signals: OtlpSignal[] = ['traces', 'metrics', 'logs'];
  const refusedOrRead = async (signal: OtlpSignal, encoding: Encoding, body: Uint8Array): Promise<void> => {
    try {
      await decode(signal, encoding, body);
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect((error as Refusal).reason).toBe('malformed');
    }
  };

  test.each(signals)('random bytes as %s', async (signal) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (body) => {
        await refusedOrRead(signal, 'protobuf', body);
        await refusedOrRead(signal, 'json', body);
      }),
      { numRuns: 300 },
    );
  });

  test('a valid request cut short anywhere inside its message', async () => {
    await fc.assert(
      fc.asyncProperty(span, fc.double({ min: 0, max: 1, noNaN: true }), async (each, share) => {
        const whole = encode([each], writeSpan);
        const cut = whole.subarray(0, 1 + Math.floor(share * (whole.length - 2)));
        await expect(decode('traces', 'protobuf', cut)).rejects.toThrow(Refusal);
      }),
      { numRuns: 200 },
    );
  });

  test('values nested without end', async () => {
    const deep = (levels: number): object =>
      levels === 0 ? { stringValue: 'x' } : { arrayValue: { values: [deep(levels - 1)] } };
    const body = jsonRequest('resourceSpans', 'scopeSpans', {
      spans: [{ attributes: [{ key: 'k', value: deep(100) }] }],
    });
    await expect(decode('traces', 'json', body)).rejects.toThrow(/nested/);
  });

  test('the reason names the field', async () => {
    const body = jsonRequest('resourceSpans', 'scopeSpans', { spans: [{ startTimeUnixNano: 'soon' }] });
    await expect(decode('traces', 'json', body)).rejects.toThrow(
      'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano',
    );
  });
});
