import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

type Schema = z.infer<typeof schemaSchema>;
const schemaSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  get properties() {
    return z.record(z.string(), schemaSchema).optional();
  },
  get items() {
    return schemaSchema.optional();
  },
  get anyOf() {
    return z.array(schemaSchema).optional();
  },
  get oneOf() {
    return z.array(schemaSchema).optional();
  },
  get allOf() {
    return z.array(schemaSchema).optional();
  },
});

const operationSchema = z.looseObject({
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: schemaSchema })) }).optional(),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), schemaSchema).default({}) }).default({ schemas: {} }),
});

/** Where in a schema there is an object that takes fields which it does not name; a map of names to values is none. */
function findLoose(schema: Schema, named: Record<string, Schema>, place: string): string[] {
  const target = schema.$ref === undefined ? schema : named[schema.$ref.split('/').at(-1) ?? ''];
  if (target === undefined) return [`${place} (${schema.$ref} is not there)`];
  const isObject = target.type === 'object' || target.properties !== undefined;
  const isMap = typeof target.additionalProperties === 'object';
  const inside = [
    ...Object.entries(target.properties ?? {}).map(([name, one]): [string, Schema] => [`${place}.${name}`, one]),
    ...(target.items === undefined ? [] : [[`${place}[]`, target.items] as [string, Schema]]),
    ...[target.anyOf, target.oneOf, target.allOf].flatMap((some = []) =>
      some.map((one): [string, Schema] => [place, one]),
    ),
  ];
  const loose = isObject && !isMap && target.additionalProperties !== false ? [place] : [];
  return [...loose, ...inside.flatMap(([where, one]) => findLoose(one, named, where))];
}

const documents = globSync('*/openapi.yaml', { cwd: import.meta.dirname }).map((file) => ({
  service: path.dirname(file),
  ...documentSchema.parse(parse(readFileSync(path.join(import.meta.dirname, file), 'utf8'))),
}));

test('there is something to look at', () => {
  const writes = documents.flatMap(({ paths }) =>
    Object.values(paths).flatMap((operations) => Object.values(operations).filter((one) => one.requestBody)),
  );
  expect(writes.length).toBeGreaterThan(25);
});

test.each(documents)('every write of $service refuses fields that it does not know', ({ paths, components }) => {
  const loose = Object.entries(paths).flatMap(([url, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody }]) =>
      Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        findLoose(schema, components.schemas, `${method.toUpperCase()} ${url} body`),
      ),
    ),
  );
  expect(loose).toEqual([]);
});
