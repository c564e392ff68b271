import { jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { stringify } from 'yaml';
import type { Server } from './server.ts';

/** The service's `openapi.yaml`, made from its routes. A test of each service keeps the file current. */
export async function renderOpenapi(server: Server): Promise<string> {
  await server.ready();
  return stringify(server.swagger(), { aliasDuplicateObjects: false, lineWidth: 120 });
}

/**
 * Adds the named schemas that a document's routes lead to. The library adds every one that the process has loaded: with
 * them, the contracts of all services that this one calls, of which each change would be one of this document too.
 */
export const addUsedSchemas: typeof jsonSchemaTransformObject = (input) => {
  const document = jsonSchemaTransformObject(input);
  if (!('components' in document) || document.components?.schemas === undefined) return document;
  const { schemas } = document.components;
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(schemas[name]);
    }
  };
  visit(document.paths);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return Object.assign(document, { components: { ...document.components, schemas: kept } });
};
