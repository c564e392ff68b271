'use client';
import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { CommandOutcome, useCommand } from '#app/_ui/command.tsx';
import type { ChaosControl, DrillRow } from '../_data.ts';
import type { Catalogue } from './chaos-view.tsx';
import { DrillProgress } from './drill-progress.tsx';

/** Runs a drill and shows it live. */
export function DrillPanel({
  control,
  catalogue,
  disabled,
}: {
  control: ChaosControl;
  catalogue: Catalogue;
  disabled: boolean;
}): ReactNode {
  const [name, setName] = useState(catalogue.drills[0]?.name ?? '');
  const start = useCommand(control.commands);
  const cancel = useCommand(control.commands);
  const running: DrillRow | undefined = control.drills.find((drill) => drill.state === 'running');
  const latest = running ?? control.drills[0];
  return (
    <Stack gap="xs">
      <NativeSelect
        label="Drill"
        data={catalogue.drills.map((drill) => drill.name)}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Text size="sm" c="dimmed" mih={22}>
        {catalogue.drills.find((drill) => drill.name === name)?.description}
      </Text>
      <Group gap="xs">
        <Button
          flex={1}
          color="violet"
          loading={start.busy}
          disabled={disabled || running !== undefined || name === ''}
          onClick={() => void start.send('/api/chaos/commands', { kind: 'drill', params: { name } })}
        >
          Run {name}
        </Button>
        {running !== undefined && (
          <Button
            variant="default"
            loading={cancel.busy}
            onClick={() =>
              void cancel.send('/api/chaos/commands', { kind: 'cancel-drill', params: { drillId: running.id } })
            }
          >
            Cancel it
          </Button>
        )}
      </Group>
      <CommandOutcome command={start} owner="chaos" />
      <CommandOutcome command={cancel} owner="chaos" />
      {latest !== undefined && <DrillProgress drill={latest} />}
    </Stack>
  );
}
