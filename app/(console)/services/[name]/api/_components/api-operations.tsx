'use client';
import { Accordion, Badge, Code, Group, Stack, Text } from '@mantine/core';
import dynamic from 'next/dynamic';
import { type ReactNode, useState } from 'react';
import type { Content, Operation } from '#app/_openapi/describe.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';

const TryIt = dynamic(() => import('./try-it.tsx').then((module) => module.TryIt), { ssr: false });

const methodColors: Record<string, string> = {
  GET: 'indigo',
  POST: 'teal',
  PUT: 'cyan',
  PATCH: 'grape',
  DELETE: 'gray',
};

type Row = { key: string; name: string; depth: number; type: string; required: boolean; note: string; example: string };

const columns: Column<Row>[] = [
  {
    key: 'name',
    label: 'Name',
    render: (row) => (
      <Code style={{ marginLeft: row.depth * 14, whiteSpace: 'nowrap' }}>
        {row.name}
        {row.required ? '' : '?'}
      </Code>
    ),
  },
  { key: 'type', label: 'Type', render: (row) => row.type },
  {
    key: 'note',
    label: 'Meaning',
    wide: true,
    render: (row) => <span style={{ overflowWrap: 'anywhere' }}>{row.note}</span>,
  },
  { key: 'example', label: 'Example', secondary: true, render: (row) => row.example },
];

function Rows({ rows, label }: { rows: Row[]; label: string }): ReactNode {
  const shown = columns.filter(
    ({ key }) =>
      (key !== 'example' || rows.some(({ example }) => example !== '')) &&
      (key !== 'note' || rows.some(({ note }) => note !== '')),
  );
  return <RowTable rows={rows} columns={shown} rowKey={(row) => row.key} label={label} />;
}

function Body({ content, label }: { content: Content; label: string }): ReactNode {
  return (
    <Stack gap={6}>
      {content.fields.length > 0 && (
        <Rows
          label={`Fields of ${label}`}
          rows={content.fields.map((field, index) => ({ ...field, key: `${index} ${field.name}`, example: '' }))}
        />
      )}
      {content.fields.length === 0 && <Text size="sm">{content.type}</Text>}
      {content.example !== null && (
        <Code block style={{ maxHeight: 320, overflow: 'auto' }} tabIndex={0} aria-label={`Example of ${label}`}>
          {content.example}
        </Code>
      )}
    </Stack>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}{' '}
        <Text span size="xs" c="dimmed" fw={400}>
          {note}
        </Text>
      </Text>
      {children}
    </div>
  );
}

type Answer = { statuses: string; words: string; content: Content | null };

/** Answers that are alike, as all refusals often are, are shown once. */
function groupAnswers(responses: Operation['responses']): Answer[] {
  const alike = Map.groupBy(responses, ({ description, content }) => JSON.stringify([description, content]));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const words = first.description === 'Default Response' ? '' : first.description;
    return [{ statuses: group.map(({ status }) => status).join(', '), words, content: first.content }];
  });
}

function Detail({ operation, tryIt }: { operation: Operation; tryIt: ReactNode }): ReactNode {
  const { parameters, body, responses, description } = operation;
  return (
    <Stack gap="sm">
      {description !== '' && <Text size="sm">{description}</Text>}
      {parameters.length > 0 && (
        <Part title="Parameters" note="those with a ? may be left out">
          <Rows
            label="Parameters"
            rows={parameters.map((parameter) => ({
              ...parameter,
              key: `${parameter.in} ${parameter.name}`,
              depth: 0,
              type: `${parameter.type}, in ${parameter.in}`,
            }))}
          />
        </Part>
      )}
      {body !== null && (
        <Part title="Body" note={`${body.mediaType}${body.required ? '' : ', may be left out'}`}>
          <Body content={body} label="the body" />
        </Part>
      )}
      {tryIt}
      {groupAnswers(responses).map(({ statuses, words, content }) => (
        <Part key={statuses} title={`Answer ${statuses}`} note={content?.mediaType}>
          {words !== '' && <Text size="sm">{words}</Text>}
          {content !== null && <Body content={content} label={`the answer ${statuses}`} />}
        </Part>
      ))}
    </Stack>
  );
}

/** The operations of an API; each opens to its parameters, bodies and examples, and in a demo can be tried. */
export function ApiOperations({
  service,
  api,
  operations,
  address,
}: {
  service: string;
  api: string;
  operations: readonly Operation[];
  /** Where requests go; null where none may be sent. */
  address: string | null;
}): ReactNode {
  const [opened, setOpened] = useState<string[]>([]);
  return (
    <Accordion multiple value={opened} onChange={setOpened} variant="separated" chevronPosition="left">
      {operations.map((operation) => {
        const { method, path, summary, deprecated } = operation;
        const key = `${method} ${path}`;
        return (
          <Accordion.Item key={key} value={key}>
            <Accordion.Control>
              <Group gap="xs">
                <Badge color={methodColors[method] ?? 'gray'} variant="light" w={70} radius="sm">
                  {method}
                </Badge>
                <Text
                  size="sm"
                  ff="monospace"
                  style={{ overflowWrap: 'anywhere' }}
                  td={deprecated ? 'line-through' : ''}
                >
                  {path}
                </Text>
                <Text size="sm" c="dimmed">
                  {summary}
                </Text>
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {opened.includes(key) && (
                <Detail
                  operation={operation}
                  tryIt={
                    address !== null && <TryIt service={service} api={api} operation={operation} address={address} />
                  }
                />
              )}
            </Accordion.Panel>
          </Accordion.Item>
        );
      })}
    </Accordion>
  );
}
