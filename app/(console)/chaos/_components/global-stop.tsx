'use client';
import { Button, Group, Text } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CommandOutcome, useCommand } from '#app/_ui/command.tsx';
import { Ago } from '#app/_ui/time.tsx';
import type { ChaosControl } from '../_data.ts';

/** Undoes everything, with or without keeping anything new from being injected. */
export function GlobalStop({ control }: { control: ChaosControl }): ReactNode {
  const command = useCommand(control.commands);
  const send = (kind: string, params: object): void => void command.send('/api/chaos/commands', { kind, params });
  if (control.stopped !== null) {
    return (
      <Group gap="xs" data-testid="global-stop" data-pulled="true">
        <IconHandStop size={16} aria-hidden="true" />
        <Text size="sm" component="span">
          Global stop pulled by {control.stopped.by} <Ago ms={control.stopped.atMs} />: nothing may be injected.
        </Text>
        <Button size="xs" variant="default" loading={command.busy} onClick={() => send('release', {})}>
          Release
        </Button>
        <CommandOutcome command={command} owner="chaos" />
      </Group>
    );
  }
  return (
    <Group gap="xs" data-testid="global-stop" data-pulled="false">
      <Button
        size="xs"
        variant="default"
        loading={command.busy}
        disabled={control.active.length === 0}
        onClick={() => send('stop-all', { hold: false })}
      >
        Stop all
      </Button>
      <Button size="xs" color="dark" loading={command.busy} onClick={() => send('stop-all', { hold: true })}>
        Global stop
      </Button>
      <CommandOutcome command={command} owner="chaos" />
    </Group>
  );
}
