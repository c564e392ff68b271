import { expect, it } from 'vitest';
import { parseBlocks } from './markdown-blocks.ts';

it('a runbook is read as headings, paragraphs, lists and code', () => {
  const text =
    '# Payments\n\nWhat it\ndoes.\n\n1. first\n   goes on\n   - below\n2. second\n\n```sh\n# not a heading\n```\nend';
  expect(parseBlocks(text)).toEqual([
    { kind: 'heading', text: 'Payments' },
    { kind: 'paragraph', text: 'What it does.' },
    {
      kind: 'list',
      items: [
        { depth: 0, marker: '1.', text: 'first goes on' },
        { depth: 1, marker: '•', text: 'below' },
        { depth: 0, marker: '2.', text: 'second' },
      ],
    },
    { kind: 'code', text: '# not a heading' },
    { kind: 'paragraph', text: 'end' },
  ]);
});

it('a table has a head and rows, with or without a rule below the head', () => {
  const table = { kind: 'table', head: ['finding', 'do'], rows: [['it is down', '`start or it`']] };
  expect(parseBlocks('| finding | do |\n|---|---|\n| it is down | `start or it` |')).toEqual([table]);
  expect(parseBlocks('| finding | do |\n| it is down | `start or it` |')).toEqual([table]);
});

it('code that is never closed is still shown', () => {
  expect(parseBlocks('```\nls')).toEqual([{ kind: 'code', text: 'ls' }]);
});
