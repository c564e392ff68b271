import type { TelemetryClient } from '../client.ts';
import { readRows } from './read.ts';

/** A version of a service that sent spans; '' where the service does not tell its version. Instants in Unix ms. */
export type ServiceVersion = { service: string; version: string; firstSeenMs: number; lastSeenMs: number };

/** A version that was first seen while another of its service was known already. */
export type Deployment = { service: string; version: string; atMs: number };

/** A feature flag whose value was changed by a person. */
export type FlagChange = { atMs: number; flag: string; from: string; to: string; author: string };

type Range = { fromMs: number; toMs: number };

const versions = `
  SELECT service, version, toFloat64(toUnixTimestamp64Milli(min(first_seen))) AS firstSeenMs,
    toFloat64(toUnixTimestamp64Milli(max(last_seen))) AS lastSeenMs
  FROM service_versions
  GROUP BY service, version`;

/** Every version of every service that was seen since a time (Unix ms), the newest first. */
export function readServiceVersions(client: TelemetryClient, sinceMs: number): Promise<ServiceVersion[]> {
  const query = `SELECT * FROM (${versions}) WHERE lastSeenMs >= {since:Int64} ORDER BY service, firstSeenMs DESC`;
  return readRows<ServiceVersion>(client, query, { since: sinceMs });
}

/** New versions between two times (Unix ms), in order. A service's first version of all is none: it was not deployed over another. */
export function readDeployments(client: TelemetryClient, { fromMs, toMs }: Range): Promise<Deployment[]> {
  const query = `
    SELECT service, version, firstSeenMs AS atMs
    FROM (
      SELECT *, min(firstSeenMs) OVER (PARTITION BY service) AS earliestMs
      FROM (${versions}) WHERE version != ''
    )
    WHERE firstSeenMs > earliestMs AND firstSeenMs >= {from:Int64} AND firstSeenMs < {to:Int64}
    ORDER BY atMs, service`;
  return readRows<Deployment>(client, query, { from: fromMs, to: toMs });
}

/** Changes of feature flags between two times (Unix ms), in order: events of the type `flag.changed`. */
export function readFlagChanges(client: TelemetryClient, { fromMs, toMs }: Range): Promise<FlagChange[]> {
  const value = (name: string): string =>
    `if(JSONType(data, '${name}') = 'String', JSONExtractString(data, '${name}'), JSONExtractRaw(data, '${name}'))`;
  const query = `
    SELECT toFloat64(toUnixTimestamp64Milli(time)) AS atMs, JSONExtractString(data, 'flag') AS flag,
      ${value('from')} AS \`from\`, ${value('to')} AS \`to\`, JSONExtractString(data, 'author') AS author
    FROM business_events
    WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
      AND type = 'flag.changed'
    ORDER BY time
    LIMIT 1 BY source, id`;
  return readRows<FlagChange>(client, query, { from: fromMs, to: toMs });
}
