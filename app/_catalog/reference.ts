/** What names an entity of the catalogue; the parts are lower case, since Backstage compares them so. */
export type EntityRef = { kind: string; namespace: string; name: string };

const pattern = /^(?:([^:/]+):)?(?:([^:/]+)\/)?([^:/]+)$/;

/**
 * Reads `[<kind>:][<namespace>/]<name>` by Backstage's rules.
 * @param context what stands where the text leaves it out; without a `kind` the text has to name one
 * @returns null when the text is no reference
 * @see https://backstage.io/docs/features/software-catalog/references
 */
export function parseRef(text: string, context: { kind?: string; namespace: string }): EntityRef | null {
  const [, kind = context.kind, namespace = context.namespace, name] = pattern.exec(text.trim()) ?? [];
  if (kind === undefined || name === undefined) return null;
  return { kind: kind.toLowerCase(), namespace: namespace.toLowerCase(), name: name.toLowerCase() };
}

/** The whole reference, e.g. `group:default/payments`. */
export function formatRef({ kind, namespace, name }: EntityRef): string {
  return `${kind}:${namespace}/${name}`;
}

/** A reference as people say it: `payments` for `group:default/payments`. */
export function shortenRef(text: string): string {
  return text.replace(/^(group|user):/i, '').replace(/^default\//i, '');
}
