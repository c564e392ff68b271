import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** What a service's folder says about it; null fields where it says nothing. */
export type CatalogEntry = {
  owner: string | null;
  description: string | null;
  system: string | null;
  /** Markdown. */
  runbook: string | null;
};

const componentSchema = z.object({
  kind: z.literal('Component'),
  metadata: z.object({ name: z.string(), description: z.string().optional() }),
  spec: z.object({ owner: z.string().optional(), system: z.string().optional() }).default({}),
});

async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/**
 * Reads a service's record from its folder. A stranger's service has none: every field is null.
 * @param name must be a plain folder name; anything else has no record
 */
export async function readCatalogEntry(catalogDir: string, name: string): Promise<CatalogEntry> {
  const none: CatalogEntry = { owner: null, description: null, system: null, runbook: null };
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) return none;
  const [catalog, runbook] = await Promise.all([
    readText(join(catalogDir, name, 'catalog-info.yaml')),
    readText(join(catalogDir, name, 'runbook.md')),
  ]);
  const components = catalog === null ? [] : parseAllDocuments(catalog).map((document) => document.toJS() as unknown);
  const component = components.map((value) => componentSchema.safeParse(value)).find((parsed) => parsed.success)?.data;
  return {
    // Backstage writes `group:default/payments` where people say `payments`.
    owner: component?.spec.owner?.replace(/^(group|user):(default\/)?/, '') ?? null,
    description: component?.metadata.description ?? null,
    system: component?.spec.system ?? null,
    runbook,
  };
}
