import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

export type AnalyticsEnv = ServiceEnv & { DATABASE_URL: string; BUS_URL: string };

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): AnalyticsEnv {
  return readServiceEnv('analytics', databaseFields, source);
}
