'use client';
import { Alert, Badge, Button, Code, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Empty } from '#app/_ui/absence.tsx';
import { CommandOutcome, useCommand } from '#app/_ui/command.tsx';
import { formatCount } from '#app/_ui/format.ts';
import { type Column, RowTable } from '#app/_ui/row-table.tsx';
import { Ago } from '#app/_ui/time.tsx';
import type { DeadMail, DeadQueue, Letter, ReplayRow } from '../_data.ts';

const url = '/api/events/replay';

function LetterLine({ letter, replays }: { letter: Letter; replays: readonly ReplayRow[] }): ReactNode {
  const replay = useCommand(replays);
  const [open, setOpen] = useState(false);
  const { id, queue, type, reason, attempts, diedAtMs, event } = letter;
  const name = type ?? 'an event that cannot be read';
  return (
    <Stack
      gap={4}
      data-testid="dead-letter"
      data-id={id}
      py={6}
      style={{ borderTop: '1px solid var(--mantine-color-default-border)' }}
    >
      <Group justify="space-between" gap="xs" align="flex-start" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <b>{name}</b>: {reason}
          </Text>
          <Text size="xs" c="dimmed">
            given up <Ago ms={diedAtMs} /> after {attempts === 1 ? 'one attempt' : `${formatCount(attempts)} attempts`}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <Button
            size="xs"
            variant="subtle"
            aria-expanded={open}
            aria-label={`Payload of ${name}`}
            onClick={() => setOpen(!open)}
          >
            Payload
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={replay.busy}
            aria-label={`Replay ${name}`}
            onClick={() => void replay.send(url, { queue, letterId: id })}
          >
            Replay
          </Button>
        </Group>
      </Group>
      {open && (
        <Code block style={{ maxHeight: 320, overflow: 'auto' }}>
          {event}
        </Code>
      )}
      <CommandOutcome command={replay} owner="collectors" />
    </Stack>
  );
}

function Queue({ dead, replays }: { dead: DeadQueue; replays: readonly ReplayRow[] }): ReactNode {
  const replay = useCommand(replays);
  const { queue, count, oldest } = dead;
  return (
    <div data-testid="dead-queue" data-queue={queue}>
      <Group justify="space-between" gap="xs" mb={4}>
        <Group gap="xs">
          <Title order={3} size="h5">
            {queue}
          </Title>
          <Badge color="orange.9" aria-label={`${count} dead letters`}>
            {formatCount(count)}
          </Badge>
        </Group>
        <Button
          size="xs"
          variant="default"
          loading={replay.busy}
          aria-label={`Replay all of ${queue}`}
          onClick={() => void replay.send(url, { queue })}
        >
          Replay all
        </Button>
      </Group>
      <CommandOutcome command={replay} owner="collectors" />
      {oldest.map((letter) => (
        <LetterLine key={letter.id} letter={letter} replays={replays} />
      ))}
      {count > oldest.length && (
        <Text size="xs" c="dimmed">
          The oldest {oldest.length} of {formatCount(count)}.
        </Text>
      )}
    </div>
  );
}

function Reading({ reading }: { reading: DeadMail['reading'] }): ReactNode {
  if (reading?.error === null) return null;
  if (reading === null) {
    return (
      <Alert color="gray" title="The bus has not been read yet" role="status">
        The collectors do so every few seconds. See npx bellwether status.
      </Alert>
    );
  }
  return (
    <Alert color="gray" title="The event bus cannot be read" role="status">
      {reading.error}. Events wait in the services’ outboxes meanwhile.{' '}
      {reading.atMs !== null && (
        <>
          What is below was read <Ago ms={reading.atMs} />.
        </>
      )}
    </Alert>
  );
}

const replayColumns: Column<ReplayRow>[] = [
  {
    key: 'what',
    label: 'Replayed',
    wide: true,
    value: (row) => row.queue,
    render: (row) => (row.all ? `all of ${row.queue}` : `one of ${row.queue}`),
  },
  {
    key: 'result',
    label: 'Result',
    wide: true,
    render: (row) =>
      row.error ?? (row.handled ? `${formatCount(row.replayed ?? 0)} handed to the consumer again` : 'waits'),
  },
  { key: 'when', label: 'Asked', value: (row) => row.createdAtMs, render: (row) => <Ago ms={row.createdAtMs} /> },
  { key: 'author', label: 'By', secondary: true, render: (row) => row.author },
];

/** Who replayed what, and what came of it. */
export function Replays({ replays }: { replays: readonly ReplayRow[] }): ReactNode {
  return <RowTable rows={replays} columns={replayColumns} rowKey={(row) => row.id} label="Replays" />;
}

/** What consumers have given up, by queue: why, the payload, and how to hand it to them again. */
export function DeadLetters({ dead }: { dead: DeadMail }): ReactNode {
  return (
    <Stack gap="md">
      <Reading reading={dead.reading} />
      {dead.queues.length === 0 && dead.reading !== null && (
        <Empty title="No dead letters">
          An event that a consumer cannot deal with after its retries ends here, with the reason.
        </Empty>
      )}
      {dead.queues.map((queue) => (
        <Queue key={queue.queue} dead={queue} replays={dead.replays} />
      ))}
    </Stack>
  );
}
