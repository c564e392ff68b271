import { type Document, isMap, isNode, LineCounter, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { type CatalogProblem, type Declared, type Entity, entitySchema } from './entity.ts';
import { formatRef } from './reference.ts';

type Place = { line: number; column: number };

/** An entity, and where the value at a path of it stands in the file. */
export type Parsed = { declared: Declared; locate: (path: readonly PropertyKey[]) => Place };

export type ParsedFile = { entities: Parsed[]; problems: CatalogProblem[] };

/** Kinds that Backstage has and that say nothing about running services: not wrong, but not read. */
const ignoredKinds: readonly unknown[] = ['Location', 'Domain', 'Template'];

/** Reads the documents of a catalogue file. A document that is wrong is a problem for each wrong field; the others count. */
export function parseCatalogFile(file: string, text: string): ParsedFile {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines });
  const parsed: ParsedFile = { entities: [], problems: [] };
  for (const document of Array.isArray(documents) ? documents : []) {
    const at = (offset: number): Place => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    };
    const [syntax] = document.errors;
    if (syntax !== undefined) {
      const message = `not YAML: ${syntax.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')}`;
      parsed.problems.push({ file, ...at(syntax.pos[0]), message });
      continue;
    }
    if (document.contents === null) continue;
    const outcome = readEntity(document);
    if (outcome === null) continue;
    const locate = (path: readonly PropertyKey[]): Place => at(findOffset(document, path));
    if (outcome.ok) {
      const { kind, metadata } = outcome.entity;
      const ref = formatRef({
        kind: kind.toLowerCase(),
        namespace: metadata.namespace,
        name: metadata.name.toLowerCase(),
      });
      const declared = { entity: outcome.entity, ref, file, line: locate([]).line, text: null };
      parsed.entities.push({ declared, locate });
    } else {
      parsed.problems.push(...outcome.problems.map(({ path, message }) => ({ file, ...locate(path), message })));
    }
  }
  return parsed;
}

type Problem = { path: PropertyKey[]; message: string };

function readEntity(
  document: Document.Parsed,
): { ok: true; entity: Entity } | { ok: false; problems: Problem[] } | null {
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias without its anchor, or a document that grows without end as its aliases are followed.
    return {
      ok: false,
      problems: [{ path: [], message: `not YAML: ${error instanceof Error ? error.message : error}` }],
    };
  }
  if (isMap(document.contents) && ignoredKinds.includes(document.get('kind'))) return null;
  const parsed = entitySchema.safeParse(value);
  return parsed.success
    ? { ok: true, entity: parsed.data }
    : { ok: false, problems: parsed.error.issues.map(toProblem) };
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  const field = path.join('.');
  if (issue.code === 'invalid_union' && field === 'kind') {
    return { path, message: 'kind: expected Component, API, Resource, System, Group or User' };
  }
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return { path, message: field === '' ? message : `${field}: ${message}` };
}

/** Where the value at a path begins; where it is missing, its nearest parent that is there. */
function findOffset(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}
