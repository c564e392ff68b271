import type { Attributes } from '#telemetry/rows';
import { MalformedError } from '../malformed.ts';
import type { Scope } from '../scope.ts';
import { renderDouble, renderStructured, type Structured } from '../values.ts';
import {
  BYTES,
  enterMessage,
  FIXED64,
  leaveMessage,
  type Range,
  type Reader,
  readBase64,
  readInt64Text,
  readText,
  skipField,
  VARINT,
} from './wire.ts';

/** A value in a value in a value: deeper than this is an attack on the stack, not telemetry. */
const maxDepth = 32;

/** Reads one `KeyValue` into `into`; the value becomes text as it will be stored. A repeated key keeps its last value. */
export function readAttribute(reader: Reader, containerEnd: number, into: Attributes): void {
  const end = enterMessage(reader, containerEnd);
  let name = '';
  let value = '';
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) name = readText(reader, end);
    else if (key === ((2 << 3) | BYTES)) value = readValueText(reader, end);
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  into[name] = value;
}

/** Reads an `AnyValue` as text: strings as they are, lists and maps as JSON, bytes as base64. */
export function readValueText(reader: Reader, containerEnd: number): string {
  const end = enterMessage(reader, containerEnd);
  let text = '';
  while (reader.pos < end) {
    const key = reader.readVarint();
    switch (key) {
      case (1 << 3) | BYTES:
        text = readText(reader, end);
        break;
      case (2 << 3) | VARINT:
        text = reader.readVarint() === 0 ? 'false' : 'true';
        break;
      case (3 << 3) | VARINT:
        text = readInt64Text(reader);
        break;
      case (4 << 3) | FIXED64:
        text = renderDouble(reader.readDouble());
        break;
      case (5 << 3) | BYTES:
        text = renderStructured(readArray(reader, end, 1));
        break;
      case (6 << 3) | BYTES:
        text = renderStructured(readMap(reader, end, 1));
        break;
      case (7 << 3) | BYTES:
        text = readBase64(reader, end);
        break;
      default:
        skipField(reader, key);
    }
  }
  leaveMessage(reader, end);
  return text;
}

function readValue(reader: Reader, containerEnd: number, depth: number): Structured {
  if (depth > maxDepth) throw new MalformedError(`values are nested deeper than ${maxDepth}`);
  const end = enterMessage(reader, containerEnd);
  let value: Structured = null;
  while (reader.pos < end) {
    const key = reader.readVarint();
    switch (key) {
      case (1 << 3) | BYTES:
        value = readText(reader, end);
        break;
      case (2 << 3) | VARINT:
        value = reader.readVarint() !== 0;
        break;
      case (3 << 3) | VARINT:
        value = BigInt(readInt64Text(reader));
        break;
      case (4 << 3) | FIXED64:
        value = reader.readDouble();
        break;
      case (5 << 3) | BYTES:
        value = readArray(reader, end, depth + 1);
        break;
      case (6 << 3) | BYTES:
        value = readMap(reader, end, depth + 1);
        break;
      case (7 << 3) | BYTES:
        value = readBase64(reader, end);
        break;
      default:
        skipField(reader, key);
    }
  }
  leaveMessage(reader, end);
  return value;
}

function readArray(reader: Reader, containerEnd: number, depth: number): Structured[] {
  const end = enterMessage(reader, containerEnd);
  const values: Structured[] = [];
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) values.push(readValue(reader, end, depth));
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  return values;
}

function readMap(reader: Reader, containerEnd: number, depth: number): Map<string, Structured> {
  const end = enterMessage(reader, containerEnd);
  const values = new Map<string, Structured>();
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) readEntry(reader, end, depth, values);
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  return values;
}

function readEntry(reader: Reader, containerEnd: number, depth: number, into: Map<string, Structured>): void {
  const end = enterMessage(reader, containerEnd);
  let name = '';
  let value: Structured = null;
  while (reader.pos < end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) name = readText(reader, end);
    else if (key === ((2 << 3) | BYTES)) value = readValue(reader, end, depth);
    else skipField(reader, key);
  }
  leaveMessage(reader, end);
  into.set(name, value);
}

/** Reads a `Resource`'s attributes. */
export function readResource(reader: Reader, range: Range | null): Attributes {
  const attributes: Attributes = {};
  if (range === null) return attributes;
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) readAttribute(reader, range.end, attributes);
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  return attributes;
}

/** Reads an `InstrumentationScope`. */
export function readScope(reader: Reader, range: Range | null): Scope {
  const scope: Scope = { name: '', version: '', attributes: {} };
  if (range === null) return scope;
  reader.pos = range.start;
  while (reader.pos < range.end) {
    const key = reader.readVarint();
    if (key === ((1 << 3) | BYTES)) scope.name = readText(reader, range.end);
    else if (key === ((2 << 3) | BYTES)) scope.version = readText(reader, range.end);
    else if (key === ((3 << 3) | BYTES)) readAttribute(reader, range.end, scope.attributes);
    else skipField(reader, key);
  }
  leaveMessage(reader, range.end);
  return scope;
}
