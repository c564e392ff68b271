import type { ProcessSpec } from './spec.ts';

type Links = Pick<ProcessSpec, 'name' | 'dependsOn' | 'uses'>;

/**
 * Checks that every dependency exists and that none goes round in a circle.
 * @throws Error that names the process or the circle
 */
export function checkOrder(specs: readonly Links[]): void {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const finished = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (finished.has(name)) return;
    if (path.includes(name)) throw new Error(`processes depend on each other: ${[...path, name].join(' → ')}`);
    const spec = byName.get(name);
    if (spec === undefined) throw new Error(`${path.at(-1)} depends on ${name}, which does not exist`);
    for (const next of [...spec.dependsOn, ...spec.uses]) visit(next, [...path, name]);
    finished.add(name);
  };
  for (const { name } of specs) visit(name, []);
}

/** Names of the processes whose dependencies are all ready. */
export function findStartable(specs: readonly Links[], ready: ReadonlySet<string>): string[] {
  return specs.filter(({ dependsOn }) => dependsOn.every((name) => ready.has(name))).map(({ name }) => name);
}

/** Names of those that must be gone before `name` may stop. */
export function findDependants(specs: readonly Links[], name: string): string[] {
  return specs
    .filter(({ dependsOn, uses }) => dependsOn.includes(name) || uses.includes(name))
    .map((spec) => spec.name);
}
