import { createEmptyRecord, type ServiceRecord } from '#app/_catalog/service-record.ts';
import type { Sources } from '#app/_server/sources.ts';

/** What stands above each page of a service. */
export type ServiceHead = Pick<
  ServiceRecord,
  'name' | 'description' | 'system' | 'owner' | 'onCall' | 'tier' | 'runbook'
> & { recorded: boolean; hasApi: boolean };

/** What the catalogue says about a service; an empty record for one that it does not know. */
export async function readRecord({ readCatalog }: Sources, name: string): Promise<ServiceRecord> {
  const catalog = await readCatalog().catch(() => null);
  return catalog?.services.get(name) ?? createEmptyRecord(name);
}

export async function readHead(sources: Sources, name: string): Promise<ServiceHead> {
  return toHead(await readRecord(sources, name));
}

export function toHead(record: ServiceRecord): ServiceHead {
  const { name, description, system, owner, onCall, tier, runbook, apis, file } = record;
  return { name, description, system, owner, onCall, tier, runbook, recorded: file !== null, hasApi: apis.length > 0 };
}
