import { z } from 'zod';

export type EventSchemas = Readonly<Record<string, z.ZodObject>>;

/** What a service publishes: the schema of the data of each type of event. */
export type EventContract<Schemas extends EventSchemas = EventSchemas> = {
  /** The service's name. */
  service: string;
  schemas: Schemas;
  /** The same, refusing what they do not name. */
  strict: EventSchemas;
};

/** An event of a contract, of whichever type. */
export type EventOf<Schemas extends EventSchemas> = {
  [Type in keyof Schemas & string]: {
    /** Default: random. Give one to make a repeated append harmless. */
    id?: string;
    type: Type;
    /** What it is about: the id of the aggregate. */
    subject: string;
    timeMs: number;
    data: z.input<Schemas[Type]>;
  };
}[keyof Schemas & string];

/** Whoever reads the events relies on it: see `findProblems` for what may change. */
export function defineEvents<const Schemas extends EventSchemas>(
  service: string,
  schemas: Schemas,
): EventContract<Schemas> {
  const strict = Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, schema.strict()]));
  return { service, schemas, strict };
}

/**
 * The data of an event as its contract has it. What the contract does not name is refused: nothing gets out by accident.
 * @throws Error that names type and field
 */
export function checkData({ service, strict }: EventContract, type: string, data: unknown): Record<string, unknown> {
  const schema = strict[type];
  if (schema === undefined) throw new Error(`${service} does not declare the event ${type}`);
  const result = schema.safeParse(data);
  if (!result.success) throw new Error(`${type} is not as declared: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** The JSON Schema (2020-12) of an event's data, as consumers may rely on it: they ignore members that it does not name. */
export function renderSchema(type: string, schema: z.ZodObject): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, title: type, ...rest };
}
