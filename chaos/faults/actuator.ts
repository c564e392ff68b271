import type { FaultParams } from '../contract.ts';
import type { FaultKind } from './catalogue.ts';

/** A fault on its way into or out of a process. */
export type Injectable = { id: string; kind: FaultKind; target: string; params: FaultParams };

export type RenewOutcome = 'renewed' | 'gone' | 'unreachable';

/** The hands of the controller: an agent inside each service for what a living process does, the supervisor for the rest. */
export type Actuator = {
  /** @throws Error when the fault is not (or perhaps not) in force */
  inject: (fault: Injectable, ttlSeconds: number) => Promise<void>;
  renew: (fault: Injectable) => Promise<RenewOutcome>;
  /** @returns true when the fault is surely gone, false when nobody answered */
  undo: (fault: Injectable) => Promise<boolean>;
};

type Options = {
  /** Base URL by service. */
  serviceUrls: Readonly<Record<string, string>>;
  supervisorUrl: string;
  token: string;
  leaseSeconds: number;
  timeoutMs?: number;
};

/** An actuator that speaks HTTP to the agents in the services and to the supervisor. */
export function createActuator({
  serviceUrls,
  supervisorUrl,
  token,
  leaseSeconds,
  timeoutMs = 2_000,
}: Options): Actuator {
  const call = (method: string, url: string, body?: object): Promise<Response> =>
    fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'x-chaos-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const agentUrl = ({ target }: Injectable): string => {
    const url = serviceUrls[target];
    if (url === undefined) throw new Error(`the address of ${target} is not configured`);
    return `${url.replace(/\/$/, '')}/_chaos/faults`;
  };
  const bySupervisor = ({ kind }: Injectable): boolean => kind === 'kill' || kind === 'crash';
  return {
    inject: async (fault, ttlSeconds) => {
      const { id, kind, target, params } = fault;
      const response = bySupervisor(fault)
        ? await call('POST', `${supervisorUrl}/chaos`, { id, kind, target, ttlSeconds })
        : await call('POST', agentUrl(fault), { id, kind, ttlSeconds, leaseSeconds, ...params });
      if (!response.ok)
        throw new Error(`${target} refused ${kind}: ${response.status} ${(await response.text()).slice(0, 200)}`);
      await response.body?.cancel();
    },
    renew: async (fault) => {
      if (bySupervisor(fault)) return 'renewed';
      return call('PUT', `${agentUrl(fault)}/${fault.id}/lease`).then(
        (response) => (response.ok ? 'renewed' : response.status === 404 ? 'gone' : 'unreachable'),
        () => 'unreachable',
      );
    },
    undo: async (fault) => {
      if (fault.kind === 'crash') return true;
      const url = fault.kind === 'kill' ? `${supervisorUrl}/chaos/${fault.id}` : `${agentUrl(fault)}/${fault.id}`;
      return call('DELETE', url).then(
        (response) => response.ok || response.status === 404,
        () => false,
      );
    },
  };
}
