/** A list's item: `depth` is how far it is indented, `marker` what stands before it. */
type Item = { depth: number; marker: string; text: string };

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'list'; items: Item[] }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'paragraph'; text: string };

const itemPattern = /^(\s*)(?:[-*]|(\d+\.))\s+(.*)$/;
const rulePattern = /^\s*\|?(\s*:?-+:?\s*\|)+\s*:?-*:?\s*$/;

function splitCells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** Adds a line to the block that is open, or opens one. */
function addLine(blocks: Block[], open: Block | null, line: string): Block | null {
  const heading = /^#{1,6}\s+(.*)$/.exec(line);
  const item = itemPattern.exec(line);
  if (line.trim() === '') return open?.kind === 'list' ? open : null;
  if (heading !== null) {
    blocks.push({ kind: 'heading', text: heading[1] ?? '' });
    return null;
  }
  if (line.trimStart().startsWith('|')) {
    if (open?.kind === 'table') {
      if (!rulePattern.test(line)) open.rows.push(splitCells(line));
      return open;
    }
    const table: Block = { kind: 'table', head: splitCells(line), rows: [] };
    blocks.push(table);
    return table;
  }
  if (item !== null) {
    const list: Block = open?.kind === 'list' ? open : { kind: 'list', items: [] };
    if (list !== open) blocks.push(list);
    list.items.push({ depth: (item[1] ?? '').length >= 2 ? 1 : 0, marker: item[2] ?? '•', text: item[3] ?? '' });
    return list;
  }
  const last = open?.kind === 'list' && /^\s/.test(line) ? open.items.at(-1) : undefined;
  if (last !== undefined) {
    last.text += ` ${line.trim()}`;
    return open;
  }
  if (open?.kind === 'paragraph') {
    open.text += ` ${line.trim()}`;
    return open;
  }
  const paragraph: Block = { kind: 'paragraph', text: line.trim() };
  blocks.push(paragraph);
  return paragraph;
}

/** The blocks of a runbook: headings, paragraphs, lists, tables, fenced code; what is not known reads as a paragraph. */
export function parseBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let fence: string[] | null = null;
  let open: Block | null = null;
  for (const line of markdown.split(/\r?\n/)) {
    if (line.trimStart().startsWith('```')) {
      if (fence !== null) blocks.push({ kind: 'code', text: fence.join('\n') });
      fence = fence === null ? [] : null;
      open = null;
    } else if (fence !== null) fence.push(line);
    else open = addLine(blocks, open, line);
  }
  if (fence !== null) blocks.push({ kind: 'code', text: fence.join('\n') });
  return blocks;
}
