'use client';
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { CommandOutcome, useCommand } from '#app/_ui/command.tsx';
import type { FaultDetail } from '../_data.ts';

/** Acknowledge with one click; resolve with a reason. */
export function Decisions({ detail }: { detail: FaultDetail }): ReactNode {
  const { fault, commands } = detail;
  const acknowledge = useCommand(commands);
  const resolve = useCommand(commands);
  const [reason, setReason] = useState('');
  if (fault.state === 'resolved') return <Text size="sm">Nothing: this fault is over.</Text>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void resolve.send(`/api/faults/${fault.id}/resolve`, { reason });
  };
  return (
    <Stack gap="xs">
      <Group gap="sm" align="flex-end">
        {fault.state === 'firing' && (
          <Button
            loading={acknowledge.busy}
            onClick={() => void acknowledge.send(`/api/faults/${fault.id}/acknowledge`, {})}
          >
            Acknowledge: I am on it
          </Button>
        )}
        <form onSubmit={submit} style={{ flex: '1 1 18rem', maxWidth: '36rem' }}>
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <TextInput
              label="Resolve by hand, because"
              placeholder="e.g. rolled back payments"
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              style={{ flex: 1 }}
              maxLength={500}
              required
              withAsterisk={false}
            />
            <Button type="submit" variant="default" loading={resolve.busy} disabled={reason.trim() === ''}>
              Resolve
            </Button>
          </Group>
        </form>
      </Group>
      <Text size="xs" c="dimmed">
        It resolves by itself once the objectives are met again; a fault resolved by hand that still hurts comes back.
      </Text>
      <CommandOutcome command={acknowledge} owner="alerts" />
      <CommandOutcome command={resolve} owner="alerts" />
    </Stack>
  );
}
