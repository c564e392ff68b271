import { LineCounter, parseDocument } from 'yaml';
import { asObject, exampleOf, type Field, type Json, listFields, nameType, noteOf, resolve } from './schema.ts';

export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  type: string;
  note: string;
  /** As one would write it; empty when there is none. */
  example: string;
};

export type Content = { mediaType: string; type: string; fields: Field[]; example: string | null };

export type Operation = {
  method: string;
  path: string;
  summary: string;
  description: string;
  deprecated: boolean;
  parameters: Parameter[];
  body: (Content & { required: boolean }) | null;
  responses: { status: string; description: string; content: Content | null }[];
  /** Whether its parameters, its body and what it answers all have examples. */
  exemplified: boolean;
};

export type Server = { url: string; variables: Record<string, string> };

export type ApiDescription = {
  title: string;
  version: string;
  description: string;
  servers: Server[];
  operations: Operation[];
};

export type ParsedApi = { ok: true; api: ApiDescription } | { ok: false; reason: string };

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;

/** Reads an OpenAPI 3 document, YAML or JSON. What is not understood in it is left out; what is no such document has a reason. */
export function describeApi(text: string): ParsedApi {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines });
  const [error] = parsed.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { ok: false, reason: `line ${line}, column ${col}: ${error.message.split('\n')[0]}` };
  }
  const document = asObject(parsed.toJS());
  if (typeof document.openapi !== 'string' || !document.openapi.startsWith('3.')) {
    return { ok: false, reason: 'expected an OpenAPI document of version 3, with the field openapi' };
  }
  const info = asObject(document.info);
  return {
    ok: true,
    api: {
      title: textOf(info.title),
      version: textOf(info.version),
      description: textOf(info.description),
      servers: listOf(document.servers).map(describeServer),
      operations: Object.entries(asObject(document.paths)).flatMap(([path, item]) =>
        describePath(document, path, resolve(document, item)),
      ),
    },
  };
}

function describeServer(value: unknown): Server {
  const { url, variables } = asObject(value);
  const defaults = Object.entries(asObject(variables)).map(([name, variable]) => [
    name,
    textOf(asObject(variable).default),
  ]);
  return { url: textOf(url), variables: Object.fromEntries(defaults) };
}

function describePath(document: Json, path: string, item: Json): Operation[] {
  return methods.flatMap((method): Operation[] => {
    if (item[method] === undefined) return [];
    const operation = asObject(item[method]);
    const parameters = [...listOf(item.parameters), ...listOf(operation.parameters)].flatMap((parameter) =>
      describeParameter(document, resolve(document, parameter)),
    );
    const request = resolve(document, operation.requestBody);
    const content = describeContent(document, request.content);
    const body = content === null ? null : { ...content, required: request.required === true };
    const responses = Object.entries(asObject(operation.responses)).map(([status, value]) => {
      const response = resolve(document, value);
      const description = textOf(response.description);
      return { status, description, content: describeContent(document, response.content) };
    });
    const answers = responses.filter(({ status }) => status.startsWith('2')).map(({ content }) => content);
    return [
      {
        method: method.toUpperCase(),
        path,
        summary: textOf(operation.summary),
        description: textOf(operation.description),
        deprecated: operation.deprecated === true,
        parameters,
        body,
        responses,
        exemplified:
          parameters.every(({ required, example }) => !required || example !== '') &&
          [body, ...answers].every((part) => part === null || part.example !== null),
      },
    ];
  });
}

function describeParameter(document: Json, parameter: Json): Parameter[] {
  const place = parameter.in;
  if (place !== 'path' && place !== 'query' && place !== 'header') return [];
  const example =
    parameter.example ?? firstExample(document, parameter.examples) ?? exampleOf(document, parameter.schema);
  return [
    {
      name: textOf(parameter.name),
      in: place,
      required: place === 'path' || parameter.required === true,
      type: nameType(document, parameter.schema),
      note: [textOf(parameter.description), noteOf(document, parameter.schema)].filter(Boolean).join(' '),
      example: example === undefined ? '' : typeof example === 'string' ? example : JSON.stringify(example),
    },
  ];
}

/** The JSON of a body where there is any, else its first media type. */
function describeContent(document: Json, content: unknown): Content | null {
  const entries = Object.entries(asObject(content));
  const [mediaType, value] = entries.find(([name]) => /[/+]json\b/.test(name)) ?? entries[0] ?? [];
  if (mediaType === undefined) return null;
  const media = asObject(value);
  const example = media.example ?? firstExample(document, media.examples) ?? exampleOf(document, media.schema);
  return {
    mediaType,
    type: nameType(document, media.schema),
    fields: listFields(document, media.schema),
    example: example === undefined ? null : typeof example === 'string' ? example : JSON.stringify(example, null, 2),
  };
}

function firstExample(document: Json, examples: unknown): unknown {
  const [first] = Object.values(asObject(examples));
  return first === undefined ? undefined : resolve(document, first).value;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
