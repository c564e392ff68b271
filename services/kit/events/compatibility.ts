import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

const schemaSchema = z.record(z.string(), z.unknown());
const annotations = ['$schema', '$id', 'title', 'description', 'examples', 'example', 'default', 'deprecated', 'id'];
/** Compared one by one below; any other keyword is refused, so that none is overlooked. */
const known = ['type', 'properties', 'required', 'items', 'enum', 'const', 'anyOf', 'additionalProperties'];
const exact = ['format', 'pattern', 'multipleOf', 'uniqueItems', 'propertyNames'];
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];

/**
 * Why a reader who knows one schema could stumble over what is written by another; empty when it cannot. A reader ignores
 * members that it does not know, and a writer writes no others than its schema names.
 * @throws Error for a keyword that is not compared
 */
export function findIncompatibilities(reader: JsonSchema, writer: JsonSchema, at = 'data'): string[] {
  const readable = alternatives(reader, at);
  return alternatives(writer, at).flatMap((written) => {
    const found = readable.map((each) => compare(each, written, at));
    return found.find((problems) => problems.length === 0) ?? found[0] ?? [];
  });
}

function refuseUnknown(schema: JsonSchema, at: string): void {
  const compared = [...annotations, ...known, ...exact, ...lower, ...upper];
  const unknown = Object.keys(schema).find((keyword) => !compared.includes(keyword));
  if (unknown !== undefined) throw new Error(`${at}: the keyword ${unknown} cannot be compared: use another`);
}

/** All shapes that a value may have, each with one type. */
function alternatives(schema: JsonSchema, at: string): JsonSchema[] {
  refuseUnknown(schema, at);
  if ('anyOf' in schema)
    return z
      .array(schemaSchema)
      .parse(schema.anyOf)
      .flatMap((each) => alternatives(each, at));
  return Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : [schema];
}

function compare(reader: JsonSchema, writer: JsonSchema, at: string): string[] {
  return [
    ...compareType(reader, writer, at),
    ...compareValues(reader, writer, at),
    ...compareLimits(reader, writer, at),
    ...compareMembers(reader, writer, at),
    ...(isSchema(reader.items) ? findIncompatibilities(reader.items, toSchema(writer.items), `${at}[]`) : []),
  ];
}

function compareType(reader: JsonSchema, writer: JsonSchema, at: string): string[] {
  const isAccepted =
    reader.type === undefined || reader.type === writer.type || (reader.type === 'number' && writer.type === 'integer');
  return isAccepted
    ? []
    : [`${at}: ${String(reader.type)} is expected, ${String(writer.type ?? 'anything')} is written`];
}

function compareValues(reader: JsonSchema, writer: JsonSchema, at: string): string[] {
  const expected = valuesOf(reader);
  if (expected === null) return [];
  const written = valuesOf(writer);
  if (written === null) return [`${at}: one of ${expected.join(', ')} is expected, any value is written`];
  return written.filter((value) => !expected.includes(value)).map((value) => `${at}: ${value} is not expected`);
}

function valuesOf(schema: JsonSchema): string[] | null {
  if ('const' in schema) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : null;
}

function compareLimits(reader: JsonSchema, writer: JsonSchema, at: string): string[] {
  const violated = Object.keys(reader).filter((keyword) => {
    const limit = reader[keyword];
    const written = writer[keyword];
    if (exact.includes(keyword)) return JSON.stringify(limit) !== JSON.stringify(written);
    if (lower.includes(keyword)) return typeof written !== 'number' || written < Number(limit);
    if (upper.includes(keyword)) return typeof written !== 'number' || written > Number(limit);
    return false;
  });
  // A value from a list that the reader knows is within its limits.
  if (valuesOf(reader) !== null) return [];
  return violated.map((keyword) => `${at}: ${keyword} ${JSON.stringify(reader[keyword])} is not kept`);
}

function compareMembers(reader: JsonSchema, writer: JsonSchema, at: string): string[] {
  const readable = toSchema(reader.properties);
  const written = toSchema(writer.properties);
  const always = toNames(writer.required);
  const missing = toNames(reader.required).filter((name) => !always.includes(name));
  const values = isSchema(reader.additionalProperties) ? reader.additionalProperties : null;
  return [
    ...missing.map((name) => `${at}.${name}: is relied on, and not always written`),
    ...Object.entries(written).flatMap(([name, schema]) => {
      const expected = readable[name] ?? values;
      return isSchema(expected) ? findIncompatibilities(expected, toSchema(schema), `${at}.${name}`) : [];
    }),
    ...(values === null ? [] : findIncompatibilities(values, toSchema(writer.additionalProperties), `${at}.*`)),
  ];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toSchema(value: unknown): JsonSchema {
  return isSchema(value) ? value : {};
}

function toNames(value: unknown): string[] {
  return z.array(z.string()).catch([]).parse(value);
}
