import { type DatabaseEnv, databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

export type AnalyticsEnv = ServiceEnv & DatabaseEnv;

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): AnalyticsEnv {
  return readServiceEnv('analytics', databaseFields, source);
}
