import type { Attributes } from '#telemetry/rows';
import { MalformedError } from '../malformed.ts';
import type { Scope } from '../scope.ts';
import { renderDouble, renderStructured, type Structured } from '../values.ts';
import { asBoolean, asInt64, asNumber, asObject, asObjects, asText, type JsonObject } from './fields.ts';

const maxDepth = 32;

/** @throws MalformedError with the parser's reason */
export function parseBody(body: Buffer): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new MalformedError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return asObject(parsed, 'body');
}

export function readAttributes(value: unknown, path: string): Attributes {
  const attributes: Attributes = {};
  for (const [index, entry] of asObjects(value, path).entries()) {
    const name = asText(entry.key, `${path}[${index}].key`);
    attributes[name] = readValueText(entry.value, `${path}[${index}].value`);
  }
  return attributes;
}

/** An `AnyValue` as text: strings as they are, lists and maps as JSON, bytes as the base64 that they came in. */
export function readValueText(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  const structured = readValue(value, path, 0);
  if (structured === null) return '';
  if (typeof structured === 'string') return structured;
  if (typeof structured === 'number') return renderDouble(structured);
  return renderStructured(structured);
}

function readValue(value: unknown, path: string, depth: number): Structured {
  if (depth > maxDepth) throw new MalformedError(`values are nested deeper than ${maxDepth}`);
  const any = asObject(value, path);
  if (any.stringValue !== undefined) return asText(any.stringValue, `${path}.stringValue`);
  if (any.boolValue !== undefined) return asBoolean(any.boolValue, `${path}.boolValue`);
  if (any.intValue !== undefined) return asInt64(any.intValue, `${path}.intValue`);
  if (any.doubleValue !== undefined) return asNumber(any.doubleValue, `${path}.doubleValue`);
  if (any.bytesValue !== undefined) return asText(any.bytesValue, `${path}.bytesValue`);
  if (any.arrayValue !== undefined) {
    const { values } = asObject(any.arrayValue, `${path}.arrayValue`);
    return asObjects(values, `${path}.values`).map((item, index) =>
      readValue(item, `${path}.values[${index}]`, depth + 1),
    );
  }
  if (any.kvlistValue !== undefined) {
    const { values } = asObject(any.kvlistValue, `${path}.kvlistValue`);
    return new Map(
      asObjects(values, `${path}.values`).map((entry, index) => [
        asText(entry.key, `${path}.values[${index}].key`),
        entry.value === undefined || entry.value === null
          ? null
          : readValue(entry.value, `${path}.values[${index}].value`, depth + 1),
      ]),
    );
  }
  return null;
}

export function readResource(value: unknown, path: string): Attributes {
  return value === undefined || value === null
    ? {}
    : readAttributes(asObject(value, path).attributes, `${path}.attributes`);
}

export function readScope(value: unknown, path: string): Scope {
  if (value === undefined || value === null) return { name: '', version: '', attributes: {} };
  const scope = asObject(value, path);
  return {
    name: asText(scope.name, `${path}.name`),
    version: asText(scope.version, `${path}.version`),
    attributes: readAttributes(scope.attributes, `${path}.attributes`),
  };
}
