/** An SQL string literal. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Formats whose text the engine takes as raw bytes, without a detour through an SQL string. */
const rawFormats = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TSV',
  'TabSeparated',
  'TSVWithNames',
  'TabSeparatedWithNames',
] as const;

export type RawFormat = (typeof rawFormats)[number];

export type RawInsert = { table: string; columns: string[] | undefined; format: RawFormat };

const plainInsert = /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.`"]+)\s*(?:\(([^()]*)\))?\s*FORMAT\s+(\w+)\s*;?\s*$/i;

/** Parses `INSERT INTO t [(a, b)] FORMAT f`; undefined for any other form, which goes to the engine as text. */
export function parseRawInsert(sql: string): RawInsert | undefined {
  const match = plainInsert.exec(sql);
  const [, table, columnList, formatName] = match ?? [];
  if (table === undefined) return undefined;
  const format = rawFormats.find((known) => known === formatName);
  if (format === undefined) return undefined;
  const unquote = (name: string): string => name.replace(/^[`"]|[`"]$/g, '');
  const columns = columnList?.split(',').map((column) => unquote(column.trim()));
  if (columns?.some((column) => !/^\w+$/.test(column))) return undefined;
  return { table: table.split('.').map(unquote).join('.'), columns, format };
}

/** The format that a statement asks for in its last clause, or the given default. */
export function formatOf(sql: string, fallback: string): string {
  return /\bFORMAT\s+(\w+)\s*(?:SETTINGS\s[^']*)?;?\s*$/i.exec(sql)?.[1] ?? fallback;
}

export type StatementKind = 'read' | 'insert' | 'other';

/** What a statement does, by its first word; comments before it are skipped. */
export function kindOf(sql: string): StatementKind {
  const word = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/|\()*(\w+)/s.exec(sql)?.[1]?.toUpperCase() ?? '';
  if (['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS', 'EXPLAIN'].includes(word)) return 'read';
  return word === 'INSERT' ? 'insert' : 'other';
}

/** Puts a comment that names the query into a SELECT, by which it is found again in `system.processes`. */
export function tagStatement(sql: string, tag: string): string {
  return sql.replace(/^(\s*(?:SELECT|WITH)\b)/i, (word) => `${word} /*${tag}*/`);
}

/** `SET a = 1, param_x = 'y'`. Names have been checked. */
export function setStatement(values: Record<string, string>): string {
  const parts = Object.entries(values).map(
    ([name, value]) =>
      `${name} = ${!name.startsWith('param_') && /^-?\d+(\.\d+)?$/.test(value) ? value : quoteLiteral(value)}`,
  );
  return `SET ${parts.join(', ')}`;
}
