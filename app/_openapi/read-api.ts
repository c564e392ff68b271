import type { ApiRecord, ServiceRecord } from '#app/_catalog/service-record.ts';
import { describeApi, type ParsedApi } from './describe.ts';

/** Operations of all APIs of a service, and how many of them have examples. */
export type ApiExamples = { operations: number; withExample: number };

// A record lives until its files change; its description is thousands of lines.
const parsed = new WeakMap<ApiRecord, ParsedApi>();

/** The API's description; read once. */
export function readApi(record: ApiRecord): ParsedApi {
  const known = parsed.get(record);
  if (known !== undefined) return known;
  const api: ParsedApi =
    record.definition === null
      ? { ok: false, reason: 'its definition could not be read; the registry says why' }
      : describeApi(record.definition);
  parsed.set(record, api);
  return api;
}

/** Null for a service without a description that can be read. */
export function countExamples({ apis }: ServiceRecord): ApiExamples | null {
  const operations = apis.flatMap((record) => {
    const read = readApi(record);
    return read.ok ? read.api.operations : [];
  });
  if (operations.length === 0) return null;
  return { operations: operations.length, withExample: operations.filter(({ exemplified }) => exemplified).length };
}
