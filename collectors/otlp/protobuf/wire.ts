import { PbfReader } from 'pbf';
import { MalformedError } from '../malformed.ts';

// Wire types. Readers switch on the whole key (field × 8 + wire type), so a known field with the wrong wire type is
// skipped as unknown, which is what protobuf asks for.
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/** Node's native slicing to text: in every Buffer, several times faster than TextDecoder, absent from its types. */
type NativeSlices = {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
  hexSlice(start: number, end: number): string;
  base64Slice(start: number, end: number): string;
};

/** A reader over a whole body. */
export type Reader = PbfReader & { buf: Buffer & NativeSlices };

/** Where a message lies in the body, so that it can be read after something that comes later in the body. */
export type Range = { start: number; end: number };

export function createReader(body: Buffer): Reader {
  return new PbfReader(body) as Reader;
}

/**
 * Reads the length of a message and returns its end.
 * @throws MalformedError when it would reach beyond the message that contains it
 */
export function enterMessage(reader: Reader, containerEnd: number): number {
  const length = reader.readVarint();
  const end = reader.pos + length;
  if (end > containerEnd) throw new MalformedError('truncated: a field reaches beyond the message that contains it');
  return end;
}

/** Ends a message: whatever was read past its end shows here, so that no single field needs a bounds check. */
export function leaveMessage(reader: Reader, end: number): void {
  if (reader.pos !== end) throw new MalformedError('truncated: a field reaches beyond the message that contains it');
}

/** Skips a field that the reader does not know. */
export function skipField(reader: Reader, key: number): void {
  if (key < 8) throw new MalformedError('field number 0 is not allowed');
  const wireType = key & 7;
  if (wireType !== VARINT && wireType !== FIXED64 && wireType !== BYTES && wireType !== FIXED32) {
    throw new MalformedError(`wire type ${wireType} is not allowed`);
  }
  reader.skip(key);
}

/** Notes where a nested message lies and steps over it. */
export function skipMessage(reader: Reader, containerEnd: number): Range {
  const end = enterMessage(reader, containerEnd);
  const range = { start: reader.pos, end };
  reader.pos = end;
  return range;
}

export function readText(reader: Reader, containerEnd: number): string {
  const end = enterMessage(reader, containerEnd);
  const start = reader.pos;
  reader.pos = end;
  return start === end ? '' : reader.buf.utf8Slice(start, end);
}

/** A trace id (16 bytes) or span id (8) as lower-case hex; '' when absent. */
export function readId(reader: Reader, containerEnd: number, bytes: 8 | 16): string {
  const end = enterMessage(reader, containerEnd);
  const start = reader.pos;
  reader.pos = end;
  if (start === end) return '';
  if (end - start !== bytes) {
    throw new MalformedError(`a ${bytes === 16 ? 'trace' : 'span'} id has ${end - start} bytes instead of ${bytes}`);
  }
  return reader.buf.hexSlice(start, end);
}

export function readBase64(reader: Reader, containerEnd: number): string {
  const end = enterMessage(reader, containerEnd);
  const start = reader.pos;
  reader.pos = end;
  return reader.buf.base64Slice(start, end);
}

/** A fixed64 with nothing lost: nanoseconds since the epoch need 61 bits. */
export function readNanos(reader: Reader): bigint {
  const value = reader.dataView.getBigUint64(reader.pos, true);
  reader.pos += 8;
  return value;
}

/** A fixed64 of nanoseconds, in milliseconds rounded down. */
export function readNanosAsMs(reader: Reader): number {
  const low = reader.dataView.getUint32(reader.pos, true);
  const high = reader.dataView.getUint32(reader.pos + 4, true);
  reader.pos += 8;
  return nanosToMs(low, high);
}

// 2^32 ns is 4294 ms and 967296 ns. Both products below stay under 2^53, so nothing is rounded that must not be.
function nanosToMs(low: number, high: number): number {
  return high * 4294 + Math.floor((high * 967_296 + low) / 1_000_000);
}

/** A signed 64-bit varint in decimal, exact beyond 2^53. */
export function readInt64Text(reader: Reader): string {
  const start = reader.pos;
  const value = reader.readVarint(true);
  if (Number.isSafeInteger(value)) return String(value);
  reader.pos = start;
  let exact = 0n;
  let shift = 0n;
  for (;;) {
    const byte = reader.buf[reader.pos++];
    if (byte === undefined || shift > 63n) throw new MalformedError('truncated: a number has no end');
    exact |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, exact).toString();
    shift += 7n;
  }
}

/** Repeated fixed64 counts, packed or one by one. */
export function readFixed64s(reader: Reader, containerEnd: number, into: number[]): void {
  const end = enterMessage(reader, containerEnd);
  while (reader.pos < end) into.push(reader.readFixed64());
  leaveMessage(reader, end);
}

export function readDoubles(reader: Reader, containerEnd: number, into: number[]): void {
  const end = enterMessage(reader, containerEnd);
  while (reader.pos < end) into.push(reader.readDouble());
  leaveMessage(reader, end);
}

export function readVarints(reader: Reader, containerEnd: number, into: number[]): void {
  const end = enterMessage(reader, containerEnd);
  while (reader.pos < end) into.push(reader.readVarint());
  leaveMessage(reader, end);
}
