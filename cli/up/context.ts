import type { ProcessName } from '#process/addresses';
import type { Settings } from './env.ts';
import type { Secrets } from './secrets.ts';

export type PlanOptions = {
  settings: Settings;
  secrets: Secrets;
  dataDir: string;
  /** `dev`: the console is compiled as it is edited. */
  mode: 'start' | 'dev';
};

/** What the environments of all processes are made from. */
export type Context = PlanOptions & {
  /** Where the other processes reach a process. */
  url: (name: ProcessName) => string;
  database: (database: string, role?: string) => string;
  clickhouseUrl: string;
};

const loopback = '127.0.0.1';
/** What outsiders are meant to reach; everything else stays on loopback whatever `BELLWETHER_HOST` says. */
const publicProcesses: readonly string[] = ['app', 'collectors', 'gateway', 'storefront'];

/** The address that a process is bound to. */
export function bindHost(name: string, settings: Settings): string {
  return publicProcesses.includes(name) ? settings.BELLWETHER_HOST : loopback;
}

/** Where everything will be. */
export function createContext(options: PlanOptions): Context {
  const { settings, secrets } = options;
  const url = (name: ProcessName): string => `http://${reachable(bindHost(name, settings))}:${settings.ports[name]}`;
  return {
    ...options,
    url,
    database: (database, role = database) =>
      `postgres://${role}:${secrets.rolePasswords[role]}@${loopback}:${settings.ports.postgres}/${database}`,
    clickhouseUrl: settings.CLICKHOUSE_URL ?? url('clickhouse'),
  };
}

/** One can listen on every address, but only connect to one. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === 'localhost') return loopback;
  return host.includes(':') ? `[${host}]` : host;
}

/** Where the bus is. */
export function busEnv({ settings, database }: Context): Record<string, string> {
  const brokers = settings.KAFKA_BROKERS;
  return { BUS_URL: database('bus'), ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers.join(',') }) };
}
