import { z } from 'zod';

/** JSON's objects, as far as nothing is known of them. */
export type Json = Record<string, unknown>;

const jsonSchema = z.record(z.string(), z.unknown());

/** A value as an object; empty when it is none. */
export function asObject(value: unknown): Json {
  return jsonSchema.safeParse(value).data ?? {};
}

/** One property of a body, in the order of the description; `depth` is how far it is indented. */
export type Field = { name: string; depth: number; type: string; required: boolean; note: string };

const deepest = 5;

/** Follows `#/…` references within the document; a reference to anywhere else, or in a circle, ends in an empty schema. */
export function resolve(document: Json, value: unknown): Json {
  let current = asObject(value);
  for (let hops = 0; typeof current.$ref === 'string'; hops += 1) {
    if (hops > 20 || !current.$ref.startsWith('#/')) return {};
    const path = current.$ref
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    current = asObject(path.reduce<unknown>((node, part) => asObject(node)[part], document));
  }
  return current;
}

/** A schema with its `allOf` folded in. */
function flatten(document: Json, value: unknown, depth = 0): Json {
  const schema = resolve(document, value);
  if (!Array.isArray(schema.allOf) || depth > deepest) return schema;
  const parts = [...schema.allOf.map((part) => flatten(document, part, depth + 1)), schema];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((part) => asObject(part.properties))),
    required: parts.flatMap((part) => (Array.isArray(part.required) ? part.required : [])),
  };
}

/** A type in a word or two: `string (date-time)`, `array of Cart`, `one of 2`. */
export function nameType(document: Json, value: unknown): string {
  const schema = flatten(document, value);
  const choices = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(choices)) return choices.map((choice) => nameType(document, choice)).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items !== undefined) return `array of ${nameType(document, schema.items)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type ?? 'any');
  return typeof schema.format === 'string' ? `${type} (${schema.format})` : type;
}

/** What a value must be, beyond its type: its description, its choices, its bounds. */
export function noteOf(document: Json, value: unknown): string {
  const schema = flatten(document, value);
  const parts = [typeof schema.description === 'string' ? schema.description : ''];
  if (Array.isArray(schema.enum)) parts.push(`One of ${schema.enum.join(', ')}.`);
  if (typeof schema.pattern === 'string') parts.push(`Matches ${schema.pattern}.`);
  for (const [key, words] of bounds) {
    const bound = schema[key];
    if (typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER) parts.push(`${words} ${bound}.`);
  }
  return parts.filter(Boolean).join(' ');
}

const bounds = [
  ['minimum', 'At least'],
  ['maximum', 'At most'],
  ['minLength', 'Characters at least'],
  ['maxLength', 'Characters at most'],
  ['minItems', 'Items at least'],
  ['maxItems', 'Items at most'],
] as const;

/** The properties of a body, nested ones after their parent. */
export function listFields(document: Json, value: unknown, depth = 0): Field[] {
  const schema = flatten(document, value);
  if (schema.items !== undefined && depth === 0) return listFields(document, schema.items, depth);
  if (depth >= deepest) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(asObject(schema.properties)).flatMap(([name, property]): Field[] => {
    const own = flatten(document, property);
    return [
      {
        name,
        depth,
        type: nameType(document, property),
        required: required.includes(name),
        note: noteOf(document, property),
      },
      ...listFields(document, own.items ?? own, depth + 1),
    ];
  });
}

/** The example that a schema gives, put together from those of its parts; undefined where none has any. */
export function exampleOf(document: Json, value: unknown, depth = 0): unknown {
  const schema = flatten(document, value);
  if (depth > deepest + 2) return undefined;
  const [first] = Array.isArray(schema.examples) ? schema.examples : [];
  const [choice] = Array.isArray(schema.enum) ? schema.enum : [];
  const given = schema.example ?? first ?? schema.const ?? schema.default ?? choice;
  if (given !== undefined) return given;
  if (schema.items !== undefined) {
    const item = exampleOf(document, schema.items, depth + 1);
    return item === undefined ? undefined : [item];
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(choices)) {
    return choices.map((one) => exampleOf(document, one, depth + 1)).find((example) => example !== undefined);
  }
  const entries = Object.entries(asObject(schema.properties))
    .map(([name, property]) => [name, exampleOf(document, property, depth + 1)] as const)
    .filter(([, example]) => example !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
