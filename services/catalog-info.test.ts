import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { serviceNames, topology } from '#services/topology';

const componentSchema = z.object({
  kind: z.literal('Component'),
  spec: z.object({ dependsOn: z.array(z.string()).default([]), consumesApis: z.array(z.string()).default([]) }),
});

test.each(serviceNames)('the catalogue entry of %s names the services that it calls, and no other', (name) => {
  const text = readFileSync(join(import.meta.dirname, name, 'catalog-info.yaml'), 'utf8');
  const documents = parseAllDocuments(text).map((document) => componentSchema.safeParse(document.toJS()));
  const spec = documents.find(({ success }) => success)?.data?.spec;
  const declared = (spec?.dependsOn ?? []).flatMap((ref) => /^component:default\/(.+)$/.exec(ref)?.[1] ?? []);
  const calls = [...topology[name].calls].sort();
  expect(declared.sort()).toEqual(calls);
  expect([...(spec?.consumesApis ?? [])].sort()).toEqual(calls);
});
