import { z } from 'zod';

/** Every process that `npm start` runs, with the port that it takes when nothing says otherwise. */
export const defaultPorts = {
  postgres: 54329,
  clickhouse: 8124,
  collectors: 4318,
  alerts: 4400,
  chaos: 4401,
  supervisor: 4402,
  app: 3000,
  gateway: 4100,
  users: 4101,
  catalog: 4102,
  cart: 4103,
  orders: 4104,
  payments: 4105,
  inventory: 4106,
  search: 4107,
  reviews: 4108,
  recommendations: 4109,
  analytics: 4110,
  notifications: 4111,
  admin: 4112,
  storefront: 4120,
  acquirer: 4125,
  shoppers: 4130,
} as const;

export type ProcessName = keyof typeof defaultPorts;

const processNames = Object.keys(defaultPorts) as ProcessName[];

/** The environment variable that moves a process's port, e.g. `GATEWAY_PORT`. */
export function portVariable(name: ProcessName): string {
  return `${name.toUpperCase()}_PORT`;
}

const portSchema = z.coerce.number().int().min(1).max(65535);

/** What browsers and Node's `fetch` refuse to connect to (Fetch Standard, "port blocking"), of the ports above 1024. */
const blockedPorts: readonly number[] = [
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
];

/**
 * Ports of all processes: `<NAME>_PORT` where it is set, else the default plus `BELLWETHER_PORT_OFFSET`.
 * @throws Error that names every bad variable at once
 */
export function resolvePorts(source: Record<string, string | undefined>): Record<ProcessName, number> {
  const problems: string[] = [];
  const read = (variable: string, fallback: number, schema: z.ZodType<number>): number => {
    const raw = source[variable];
    if (raw === undefined || raw === '') return fallback;
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    problems.push(
      `${variable}=${raw}: expected ${variable === 'BELLWETHER_PORT_OFFSET' ? 'an integer from 0 to 10000' : 'a port from 1 to 65535'}`,
    );
    return fallback;
  };
  const offset = read('BELLWETHER_PORT_OFFSET', 0, z.coerce.number().int().min(0).max(10_000));
  const ports = Object.fromEntries(
    processNames.map((name) => [name, read(portVariable(name), defaultPorts[name] + offset, portSchema)]),
  ) as Record<ProcessName, number>;
  for (const name of processNames) {
    if (!blockedPorts.includes(ports[name])) continue;
    problems.push(`${portVariable(name)}: browsers refuse to connect to port ${ports[name]}; set it to another`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return ports;
}
