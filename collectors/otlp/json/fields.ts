import { MalformedError } from '../malformed.ts';

/** A JSON object whose fields are not known yet. Fields that nobody asks for are ignored, as OTLP wants. */
export type JsonObject = Record<string, unknown>;

/** @throws MalformedError naming the field and what was expected */
function refuse(path: string, expected: string, value: unknown): never {
  const shown = JSON.stringify(value)?.slice(0, 40) ?? 'nothing';
  throw new MalformedError(`${path}: expected ${expected}, got ${shown}`);
}

export function asObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object', value);
  return value as JsonObject;
}

/** A list of objects; absent and null are the empty list. */
export function asObjects(value: unknown, path: string): JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) refuse(path, 'an array', value);
  return value.map((item, index) => asObject(item, `${path}[${index}]`));
}

export function asNumbers(value: unknown, path: string): number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) refuse(path, 'an array', value);
  return value.map((item, index) => asNumber(item, `${path}[${index}]`));
}

export function asText(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') refuse(path, 'a string', value);
  return value;
}

export function asBoolean(value: unknown, path: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') refuse(path, 'true or false', value);
  return value;
}

/** A number, or its text: 64-bit integers are strings in OTLP/JSON, and so are NaN and the infinities. 0 when absent. */
export function asNumber(value: unknown, path: string): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') refuse(path, 'a number', value);
  const number = Number(value);
  if (value.trim() === '' || (Number.isNaN(number) && value !== 'NaN')) refuse(path, 'a number', value);
  return number;
}

/** An unsigned 64-bit integer; exact when it comes as a string. */
export function asUint64(value: unknown, path: string): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt.asUintN(64, BigInt(value));
  return refuse(path, 'a non-negative integer', value);
}

export function asInt64(value: unknown, path: string): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt.asIntN(64, BigInt(value));
  return refuse(path, 'an integer', value);
}

/** Nanoseconds since the epoch in ms, rounded down. */
export function asMs(value: unknown, path: string): number {
  return Number(asUint64(value, path) / 1_000_000n);
}

/** An id in hex (not base64, as protobuf's own JSON would have it), in lower case. */
export function asId(value: unknown, path: string, bytes: 8 | 16): string {
  const text = asText(value, path);
  if (text !== '' && !(text.length === bytes * 2 && /^[0-9a-fA-F]+$/.test(text))) {
    refuse(path, `${bytes * 2} hexadecimal digits`, value);
  }
  return text.toLowerCase();
}
