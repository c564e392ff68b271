import { type ServiceName, serviceNames } from '#services/topology';
import type { FaultParams } from '../contract.ts';

export type FaultKind = 'error' | 'latency' | 'hang' | 'crash' | 'kill';

/** A fault that can be injected by name. */
export type CatalogueFault = {
  name: string;
  kind: FaultKind;
  target: ServiceName;
  description: string;
  params: FaultParams;
  /** Which of `params` may be changed at the start. */
  adjustable: readonly (keyof FaultParams)[];
};

type Shape = Omit<CatalogueFault, 'name' | 'target'> & { suffix: string };

const shapes: readonly Shape[] = [
  {
    suffix: 'errors',
    kind: 'error',
    description: 'answers with a server error',
    params: { share: 0.8, status: 500 },
    adjustable: ['share', 'status'],
  },
  {
    suffix: 'latency',
    kind: 'latency',
    description: 'answers late',
    // Slow by any measure, and within the callers' time-outs: late answers, not missing ones.
    params: { share: 1, latencyMs: 800, jitterMs: 150 },
    adjustable: ['share', 'latencyMs', 'jitterMs'],
  },
  {
    suffix: 'hang',
    kind: 'hang',
    description: 'takes requests and never answers',
    params: { share: 1 },
    adjustable: ['share'],
  },
  { suffix: 'kill', kind: 'kill', description: 'is down until the fault ends', params: {}, adjustable: [] },
  { suffix: 'crash', kind: 'crash', description: 'dies once and is restarted', params: {}, adjustable: [] },
];

/** Every fault that can be injected: each service with each kind. */
export const catalogue: readonly CatalogueFault[] = serviceNames.flatMap((target) =>
  shapes.map(({ suffix, ...shape }) => ({
    ...shape,
    name: `${target}-${suffix}`,
    target,
    description: `${target} ${shape.description}`,
  })),
);

/** @throws Error that lists the names there are */
export function findFault(name: string): CatalogueFault {
  const fault = catalogue.find((entry) => entry.name === name);
  if (fault !== undefined) return fault;
  throw new Error(`no fault is called '${name}'; there are: ${catalogue.map((entry) => entry.name).join(', ')}`);
}

/**
 * The catalogue's parameters with those given instead.
 * @throws Error for a parameter that this kind of fault does not have
 */
export function adjustParams(fault: CatalogueFault, given: FaultParams): FaultParams {
  const foreign = (Object.keys(given) as (keyof FaultParams)[]).filter(
    (key) => given[key] !== undefined && !fault.adjustable.includes(key),
  );
  if (foreign.length > 0) {
    const may = fault.adjustable.length > 0 ? fault.adjustable.join(', ') : 'nothing';
    throw new Error(`${fault.name} has no ${foreign.join(', ')}; ${may} can be set`);
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...fault.params, ...set };
}
