'use client';
import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { InjectionRow } from '#app/_server/injections.ts';
import { Empty } from '#app/_ui/absence.tsx';
import { CommandOutcome, useCommand } from '#app/_ui/command.tsx';
import { InjectionLine } from '#app/_ui/injection-line.tsx';
import type { ChaosControl } from '../_data.ts';

function ActiveFault({ injection, control }: { injection: InjectionRow; control: ChaosControl }): ReactNode {
  const stop = useCommand(control.commands);
  return (
    <Stack gap={4} data-testid="active-fault" data-name={injection.name} data-state={injection.state}>
      <Group justify="space-between" gap="xs">
        <InjectionLine injection={injection} />
        <Button
          size="xs"
          variant="default"
          loading={stop.busy}
          aria-label={`Stop ${injection.name}`}
          onClick={() => void stop.send('/api/chaos/commands', { kind: 'stop', params: { injectionId: injection.id } })}
        >
          Stop
        </Button>
      </Group>
      <CommandOutcome command={stop} owner="chaos" />
    </Stack>
  );
}

/** What is broken on purpose right now. */
export function ActiveFaults({ control }: { control: ChaosControl }): ReactNode {
  if (control.active.length === 0) {
    return (
      <Empty title="Nothing is broken on purpose" command="npx bellwether fault start payments-errors --ttl 120s">
        Start a fault below, or from a terminal:
      </Empty>
    );
  }
  return (
    <Stack gap="xs">
      {control.active.map((injection) => (
        <ActiveFault key={injection.id} injection={injection} control={control} />
      ))}
    </Stack>
  );
}
