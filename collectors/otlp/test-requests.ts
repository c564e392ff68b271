import fc from 'fast-check';
import { PbfWriter } from 'pbf';
import type { LogRow, SampleRow, SeriesRow, SpanRow } from '#telemetry/rows';
import { decodeRequest, type OtlpSignal } from './decode.ts';
import { createSeriesCache } from './metrics/series-cache.ts';
import type { Encoding } from './response.ts';

type Stored = { spans: SpanRow[]; logs: LogRow[]; series: SeriesRow[]; samples: SampleRow[] };

/** Decodes a request and gives back what would be stored. */
export async function decode(signal: OtlpSignal, encoding: Encoding, body: Uint8Array): Promise<Stored> {
  const stored: Stored = { spans: [], logs: [], series: [], samples: [] };
  const cache = createSeriesCache();
  const decoded = decodeRequest(signal, { encoding, body: Buffer.from(body), nowMs: 1_800_000_000_000, cache });
  await decoded.store({
    appendTraces: async (rows) => void stored.spans.push(...rows),
    appendLogs: async (rows) => void stored.logs.push(...rows),
    appendMetrics: async ({ series, samples }) => {
      stored.series.push(...series);
      stored.samples.push(...samples);
    },
    appendEvents: async () => undefined,
    appendRum: async () => undefined,
  });
  return stored;
}

// A model of a request, written out twice below: as protobuf by field numbers, and as OTLP/JSON.
type Value = { string: string } | { bool: boolean } | { int: bigint } | { double: number } | { array: Value[] };
type Entry = { key: string; value: Value };
export type Span = {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  start: bigint;
  end: bigint;
  status: number;
  attributes: Entry[];
  event: { name: string; time: bigint };
};
export type Point = { attributes: Entry[]; time: bigint; start: bigint; value: number };

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ string: fc.string({ unit: 'grapheme' }) }),
  fc.record({ bool: fc.boolean() }),
  fc.record({ int: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each || 0) }),
  fc.record({ array: fc.array(fc.record({ string: fc.string() }), { maxLength: 3 }) }),
);
// Long enough to need more than one length byte now and then.
const key = fc.string({ minLength: 1, maxLength: 200 }).filter((each) => each !== '__proto__');
const attributes = fc.uniqueArray(fc.record({ key, value }), { maxLength: 5, selector: (entry) => entry.key });
const nanos = fc.bigInt({ min: 1_000_000n, max: 2n ** 62n });
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString('hex'));
export const span: fc.Arbitrary<Span> = fc.record({
  traceId: hex(16),
  spanId: hex(8),
  parentSpanId: fc.oneof(fc.constant(''), hex(8)),
  name: fc.string({ unit: 'grapheme' }),
  kind: fc.integer({ min: 0, max: 5 }),
  start: nanos,
  end: nanos,
  status: fc.integer({ min: 0, max: 2 }),
  attributes,
  event: fc.record({ name: fc.string(), time: nanos }),
});
export const point: fc.Arbitrary<Point> = fc.record({
  attributes,
  time: nanos,
  start: nanos,
  value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each || 0),
});

// pbf 5.1.2 writes characters of the upper planes wrongly.
function writeText(field: number, text: string, writer: PbfWriter): void {
  writer.writeBytesField(field, Buffer.from(text));
}

function writeValue(each: Value, writer: PbfWriter): void {
  if ('string' in each) writeText(1, each.string, writer);
  else if ('bool' in each) writer.writeBooleanField(2, each.bool);
  else if ('int' in each) writeInt64(3, each.int, writer);
  else if ('double' in each) writer.writeDoubleField(4, each.double);
  else {
    writer.writeMessage(
      5,
      ({ array }, list) => {
        for (const item of array) list.writeMessage(1, writeValue, item);
      },
      each,
    );
  }
}

function writeInt64(field: number, int: bigint, writer: PbfWriter): void {
  writer.writeTag(field, 0);
  let rest = BigInt.asUintN(64, int);
  // pbf writes numbers, which are not exact here: byte by byte, each byte a varint of its own but for its upper bit.
  for (; rest > 0x7fn; rest >>= 7n) {
    writer.writeVarint(Number(rest & 0x7fn));
    writer.buf[writer.pos - 1] = Number(rest & 0x7fn) | 0x80;
  }
  writer.writeVarint(Number(rest));
}

export function writeNanos(field: number, time: bigint, writer: PbfWriter): void {
  writer.writeTag(field, 1);
  writer.writeFixed32(Number(time & 0xffffffffn));
  writer.writeFixed32(Number(time >> 32n));
}

export function writeEntry(entry: Entry, writer: PbfWriter): void {
  writeText(1, entry.key, writer);
  writer.writeMessage(2, writeValue, entry.value);
}

export function writeSpan(each: Span, writer: PbfWriter): void {
  writer.writeBytesField(1, Buffer.from(each.traceId, 'hex'));
  writer.writeBytesField(2, Buffer.from(each.spanId, 'hex'));
  writer.writeBytesField(4, Buffer.from(each.parentSpanId, 'hex'));
  writeText(5, each.name, writer);
  writer.writeVarintField(6, each.kind);
  writeNanos(7, each.start, writer);
  writeNanos(8, each.end, writer);
  for (const entry of each.attributes) writer.writeMessage(9, writeEntry, entry);
  writer.writeMessage(
    11,
    ({ name, time }, event) => {
      writeNanos(1, time, event);
      writeText(2, name, event);
    },
    each.event,
  );
  writer.writeMessage(15, (status, message) => message.writeVarintField(3, status), each.status);
  writer.writeStringField(999, 'a field of tomorrow');
}

/** `items` inside scope inside resource; the containers' header comes last, which protobuf allows. */
export function encode<Item>(items: Item[], write: (item: Item, writer: PbfWriter) => void): Buffer {
  const writer = new PbfWriter();
  writer.writeMessage(
    1,
    (_, resource) => {
      resource.writeMessage(
        2,
        (__, scope) => {
          for (const item of items) scope.writeMessage(2, write, item);
          scope.writeMessage(1, (name, header) => header.writeStringField(1, name), 'library');
        },
        null,
      );
      resource.writeMessage(1, (entry, header) => header.writeMessage(1, writeEntry, entry), {
        key: 'service.name',
        value: { string: 'modelled' },
      });
    },
    null,
  );
  return Buffer.from(writer.finish());
}

function jsonValue(each: Value): object {
  if ('string' in each) return { stringValue: each.string };
  if ('bool' in each) return { boolValue: each.bool };
  if ('int' in each) return { intValue: each.int.toString() };
  if ('double' in each) return { doubleValue: each.double };
  return { arrayValue: { values: each.array.map(jsonValue) } };
}

export const jsonEntries = (entries: Entry[]): object[] =>
  entries.map((entry) => ({ key: entry.key, value: jsonValue(entry.value) }));

export function jsonRequest(resources: string, scopes: string, items: object): Buffer {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'modelled' } }] };
  return Buffer.from(
    JSON.stringify({ [resources]: [{ resource, [scopes]: [{ scope: { name: 'library' }, ...items }] }] }),
  );
}

export function jsonSpan(each: Span): object {
  return {
    traceId: each.traceId.toUpperCase(),
    spanId: each.spanId,
    parentSpanId: each.parentSpanId,
    name: each.name,
    kind: each.kind,
    startTimeUnixNano: each.start.toString(),
    endTimeUnixNano: each.end.toString(),
    attributes: jsonEntries(each.attributes),
    events: [{ timeUnixNano: each.event.time.toString(), name: each.event.name }],
    status: { code: each.status },
  };
}
