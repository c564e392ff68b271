import { Code, Table, TableTbody, TableTd, TableTh, TableThead, TableTr, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Block, parseBlocks } from './markdown-blocks.ts';

function Inline({ text }: { text: string }): ReactNode {
  let at = 0;
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    const key = at;
    at += part.length;
    if (part.startsWith('`') && part.endsWith('`') && part.length > 2)
      return <Code key={key}>{part.slice(1, -1)}</Code>;
    if (part.startsWith('**') && part.length > 4) return <strong key={key}>{part.slice(2, -2)}</strong>;
    const link = /^\[([^\]]+)\]\(((?:https?:\/\/|\/)[^)\s]+)\)$/.exec(part);
    return link === null ? (
      part
    ) : (
      <a key={key} href={link[2]} rel="noreferrer">
        {link[1]}
      </a>
    );
  });
}

function TextTable({ head, rows }: { head: readonly string[]; rows: readonly string[][] }): ReactNode {
  return (
    <Table fz="sm" my={6}>
      <TableThead>
        <TableTr>
          {head.map((cell) => (
            <TableTh key={cell}>
              <Inline text={cell} />
            </TableTh>
          ))}
        </TableTr>
      </TableThead>
      <TableTbody>
        {rows.map((row) => (
          <TableTr key={row.join('|')}>
            {row.map((cell) => (
              <TableTd key={cell}>
                <Inline text={cell} />
              </TableTd>
            ))}
          </TableTr>
        ))}
      </TableTbody>
    </Table>
  );
}

function BlockView({ block }: { block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading':
      return (
        <Title order={3}>
          <Inline text={block.text} />
        </Title>
      );
    case 'code':
      return (
        <Code block my={6}>
          {block.text}
        </Code>
      );
    case 'table':
      return <TextTable head={block.head} rows={block.rows} />;
    case 'list':
      return (
        <ul className="prose-list">
          {block.items.map((item) => (
            <Text key={`${item.marker}${item.text}`} component="li" size="sm" pl={item.depth * 22}>
              <span className="prose-marker">{item.marker}</span>
              <span>
                <Inline text={item.text} />
              </span>
            </Text>
          ))}
        </ul>
      );
    default:
      return (
        <Text size="sm" my={4}>
          <Inline text={block.text} />
        </Text>
      );
  }
}

/** A runbook as text; nothing in it can become markup. */
export function Markdown({ text }: { text: string }): ReactNode {
  return (
    <div className="prose">
      {parseBlocks(text).map((block) => (
        <BlockView key={JSON.stringify(block)} block={block} />
      ))}
    </div>
  );
}
