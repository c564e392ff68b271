/** What the shop is compared with itself in: variables of the instance's environment. */
export const variants = {
  usual: {},
  'no-cache': { CACHE_ENTRIES: '0' },
  'no-telemetry': { OTEL_SDK_DISABLED: 'true' },
} satisfies Record<string, Record<string, string>>;
export type Variant = keyof typeof variants;

/** What telemetry's cost is measured by. `telemetry-elsewhere`: all of it goes to another machine, as it were. */
export const sideVariants = ['usual', 'telemetry-elsewhere', 'no-telemetry'] as const;

/**
 * Reads a list of names that are separated by commas.
 * @throws Error naming those that are not known, and those that are
 */
export function parseVariants<Known extends string>(text: string, known: readonly Known[]): Known[] {
  const isKnown = (name: string): name is Known => known.some((one) => one === name);
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isKnown(name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; known are ${known.join(', ')}`);
  return names.filter(isKnown);
}

/** Requests a second of the demo. */
export const defaultLoad = 20;
