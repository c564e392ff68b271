import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const schemaSchema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.unknown().optional(),
    format: z.string().optional(),
    example: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(schemaSchema).optional(),
    properties: z.record(z.string(), schemaSchema).optional(),
  }),
);

type Schema = {
  $ref?: string | undefined;
  type?: unknown;
  format?: string | undefined;
  example?: unknown;
  enum?: unknown[] | undefined;
  anyOf?: Schema[] | undefined;
  properties?: Record<string, Schema> | undefined;
};

const operationSchema = z.object({
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(['path', 'query', 'header', 'cookie']), schema: schemaSchema }))
    .default([]),
  requestBody: z.object({ content: z.record(z.string(), z.object({ schema: schemaSchema })) }).optional(),
});

const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), schemaSchema) }).optional(),
});

/** A public route with a request that it takes, and the places in it where somebody can write something. */
export type Route = {
  method: string;
  path: string;
  /** By place (`path`, `query`, `header`, `body`) and name. */
  values: { place: 'path' | 'query' | 'header' | 'body'; name: string; example: unknown }[];
};

/** All that the gateway's OpenAPI document says can be asked for. */
export function readRoutes(): Route[] {
  const file = join(import.meta.dirname, '../../services/gateway/openapi.yaml');
  const { paths, components } = documentSchema.parse(parse(readFileSync(file, 'utf8')));
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (components?.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const exampleOf = (unresolved: Schema): unknown => {
    const schema = resolve(unresolved);
    if (schema.example !== undefined) return schema.example;
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.anyOf !== undefined) return exampleOf(schema.anyOf[0] ?? {});
    if (schema.properties !== undefined) {
      return Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, exampleOf(one)]));
    }
    if (schema.type === 'integer' || schema.type === 'number') return 1;
    if (schema.type === 'boolean') return true;
    return schema.type === 'array' ? [] : 'something';
  };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters, requestBody }]): Route => {
      const [content] = Object.values(requestBody?.content ?? {});
      const properties = content === undefined ? {} : (resolve(content.schema).properties ?? {});
      return {
        method: method.toUpperCase(),
        path,
        values: [
          ...parameters.flatMap((one) =>
            one.in === 'cookie' ? [] : [{ place: one.in, name: one.name, example: exampleOf(one.schema) }],
          ),
          ...Object.entries(properties).map(([name, one]) => ({
            place: 'body' as const,
            name,
            example: exampleOf(one),
          })),
        ],
      };
    }),
  );
}
