import { type ProcessName, portVariable } from '#process/addresses';
import { bindHost, type Context } from './context.ts';
import { listAddresses } from './sockets.ts';
import type { ProcessSpec, Readiness } from './spec.ts';

/**
 * A Node of its own.
 * @param heapMb limit of V8's old generation: about three times what the process needs, so that a leak ends in a
 *   restart of one process rather than in a machine without memory
 */
export function nodeArgs(entry: string, heapMb: number, ...rest: string[]): string[] {
  return [`--max-old-space-size=${heapMb}`, '--max-semi-space-size=4', ...rest, entry];
}

type Parts = Pick<ProcessSpec, 'args' | 'env' | 'dependsOn'> &
  Partial<{ uses: string[]; readiness: Readiness; sharedPorts: number[]; standsBack: boolean }>;

/** A process with what all of them are given. */
export function processSpec(name: ProcessName, context: Context, parts: Parts): ProcessSpec {
  const { settings, mode } = context;
  const host = bindHost(name, settings);
  const port = settings.ports[name];
  return {
    name,
    args: parts.args,
    env: {
      NODE_ENV: mode === 'dev' && (name === 'app' || name === 'storefront') ? 'development' : 'production',
      BELLWETHER_HOST: host,
      [portVariable(name)]: String(port),
      // Half a gigabyte less in all: glibc would give every thread an arena of its own.
      MALLOC_ARENA_MAX: '2',
      ...parts.env,
    },
    address: name === 'postgres' ? `${host}:${port}` : `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    dependsOn: parts.dependsOn,
    uses: parts.uses ?? [],
    readiness: parts.readiness ?? { kind: 'http', url: `${context.url(name)}/readyz` },
    sockets: listAddresses(host, parts.sharedPorts),
    standsBack: parts.standsBack ?? false,
  };
}
