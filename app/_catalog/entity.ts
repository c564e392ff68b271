import { z } from 'zod';

/**
 * The shape of Backstage's entities: the formats of names and keys are those of its own validators, so that a file which
 * passes here passes there. Fields that nobody reads here may hold anything.
 */
const name = z
  .string()
  .max(63, 'expected at most 63 characters')
  .regex(/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/, 'expected letters and digits, with - _ . between them');
const dashed = z
  .string()
  .max(63, 'expected at most 63 characters')
  .regex(/^[a-z0-9]+(?:-+[a-z0-9]+)*$/, 'expected lower-case letters and digits, with - between them');
const tag = z
  .string()
  .max(63, 'expected at most 63 characters')
  .regex(/^[a-z0-9+#]+(?:-[a-z0-9+#]+)*$/, 'expected lower-case letters, digits, + #, with - between them');
const key = z
  .string()
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
    'expected a name, or <domain>/<name>',
  );
const labelValue = z.union([z.literal(''), name], 'expected a text of letters and digits, with - _ . between them');
const text = z.string().min(1, 'expected a text that is not empty');
const refs = z.array(text).optional();

const metadata = z.looseObject({
  name,
  namespace: dashed.default('default'),
  title: text.optional(),
  description: z.string().optional(),
  labels: z.record(key, labelValue).default({}),
  annotations: z.record(key, z.string()).default({}),
  tags: z.array(tag).optional(),
  links: z.array(z.looseObject({ url: z.url(), title: text.optional(), type: text.optional() })).default([]),
});

/** Text of a file beside the catalogue file; `load` puts it in place. */
const placeholder = z.union([
  z.strictObject({ $text: text }),
  z.strictObject({ $json: text }),
  z.strictObject({ $yaml: text }),
]);

const profile = z.looseObject({ displayName: text.optional() }).default({});

const component = z.looseObject({
  type: text,
  lifecycle: text,
  owner: text,
  system: text.optional(),
  tier: z.union([text, z.number()]).optional(),
  providesApis: refs,
  consumesApis: refs,
  dependsOn: refs,
});
const api = z.looseObject({
  type: text,
  lifecycle: text,
  owner: text,
  system: text.optional(),
  definition: z.union([text, placeholder], 'expected a text, or $text: with the name of a file beside this one'),
});

const apiVersion = z.enum(['backstage.io/v1alpha1', 'backstage.io/v1beta1']);
const entity = <Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) =>
  z.strictObject({
    apiVersion,
    kind: z.literal(kind),
    metadata,
    spec,
    relations: z.unknown().optional(),
    status: z.unknown().optional(),
  });

/** One document of a catalogue file. */
export const entitySchema = z.discriminatedUnion('kind', [
  entity('Component', component),
  entity('API', api),
  entity('Resource', z.looseObject({ type: text, owner: text, system: text.optional(), dependsOn: refs })),
  entity('System', z.looseObject({ owner: text, domain: text.optional() })),
  entity(
    'Group',
    z.looseObject({ type: text, profile, parent: text.optional(), children: z.array(text), members: refs }),
  ),
  entity('User', z.looseObject({ profile, memberOf: z.array(text) })),
]);

export type Entity = z.infer<typeof entitySchema>;
export type EntityOf<Kind extends Entity['kind']> = Extract<Entity, { kind: Kind }>;

/** What is wrong with a catalogue file, and where: line and column count from 1. */
export type CatalogProblem = { file: string; line: number; column: number; message: string };

/** An entity and the file that declares it. */
export type Declared = {
  entity: Entity;
  ref: string;
  file: string;
  line: number;
  /** The definition of an API, the runbook of a component; null where there is none. */
  text: string | null;
};
