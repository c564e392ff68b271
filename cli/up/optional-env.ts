import path from 'node:path';
import { type ServiceName, topology } from '#services/topology';
import type { Settings } from './env.ts';

/** Services that ask for flags, and the one in which they are set. */
const flaggedServices: readonly ServiceName[] = ['search', 'reviews', 'recommendations', 'admin'];

/** Of the installation's own flags, in the data directory. */
export const flagsFileName = 'flags.json';

/** What a service of the shop is told of what an installation may have besides: replicas, flags, streams. */
export function optionalEnv(
  name: ServiceName,
  { settings, dataDir }: { settings: Settings; dataDir: string },
): Record<string, string> {
  return {
    ...replicaEnv(name, settings),
    ...(topology[name].publishes.length > 0 ? { OUTBOX_RELAY: settings.OUTBOX_RELAY } : {}),
    ...(flaggedServices.includes(name) ? flagsEnv(settings, dataDir) : {}),
  };
}

/** A flag server, else a file: the installation's own unless another is named. */
function flagsEnv(settings: Settings, dataDir: string): Record<string, string> {
  const { FLAGS_OFREP_URL: url, FLAGS_FILE: file = path.join(dataDir, flagsFileName) } = settings;
  return url === undefined ? { FLAGS_FILE: file } : { FLAGS_OFREP_URL: url };
}

/** Where a service reads from besides its own database. */
function replicaEnv(name: ServiceName, settings: Settings): Record<string, string> {
  const variable = name === 'catalog' ? 'CATALOG_REPLICA_URL' : name === 'users' ? 'USERS_REPLICA_URL' : null;
  const url = variable === null ? undefined : settings[variable];
  if (variable === null || url === undefined) return {};
  const maxLagMs = settings.REPLICA_MAX_LAG_MS;
  return { [variable]: url, ...(maxLagMs === undefined ? {} : { REPLICA_MAX_LAG_MS: String(maxLagMs) }) };
}
