import type { Step } from '../shop/step.ts';

/** Who is not the shop. */
const others = ['collectors', 'clickhouse', 'alerts', 'chaos', 'app', 'postgres', 'shoppers'];

/** CPU of the shop's processes, in cores. */
export function shopCores({ cores }: Step): number {
  return sum(Object.entries(cores).flatMap(([name, n]) => (others.includes(name) ? [] : [n])));
}

/** How much more of something the one takes than the other, as a share of the other. */
export function compareOne(one: Step, other: Step, value: (step: Step) => number): number {
  return share(value(one), value(other));
}

/**
 * How much longer an answer takes, as a share of the other, both at the same mix of kinds (direct standardisation:
 * Rothman, Modern Epidemiology): p95 lies where the few slow kinds of requests (checkout, sign-in) begin, so that one of
 * them more or less moves it.
 */
export function compareLatencies(one: Step, other: Step): number {
  const kinds = Object.keys(one.kinds).filter((kind) => kind in other.kinds);
  const requests = (kind: string): number => sum([one, other].map(({ kinds: { [kind]: of } }) => of?.requests ?? 0));
  const time = ({ kinds: of }: Step): number => sum(kinds.map((kind) => requests(kind) * (of[kind]?.meanMs ?? 0)));
  return share(time(one), time(other));
}

function share(one: number, other: number): number {
  return Number((one / other - 1).toPrecision(3));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
