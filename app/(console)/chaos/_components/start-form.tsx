'use client';
import { Button, Group, NativeSelect, NumberInput, Stack, Text } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { CommandOutcome, useCommand } from '#app/_ui/command.tsx';
import type { ChaosControl } from '../_data.ts';
import type { Catalogue } from './chaos-view.tsx';

type Choice = Catalogue['faults'][number];

function groupByTarget(faults: readonly Choice[]): { group: string; items: { value: string; label: string }[] }[] {
  const targets = [...new Set(faults.map((fault) => fault.target))];
  return targets.map((target) => ({
    group: target,
    items: faults.filter((fault) => fault.target === target).map(({ name }) => ({ value: name, label: name })),
  }));
}

/** Chooses a fault of the catalogue, its share of requests and its mandatory time to live. */
export function StartForm({
  control,
  catalogue,
  disabled,
}: {
  control: ChaosControl;
  catalogue: Catalogue;
  disabled: boolean;
}): ReactNode {
  const first = catalogue.faults.find((fault) => fault.name === 'payments-errors') ?? catalogue.faults[0];
  const [fault, setFault] = useState<Choice | undefined>(first);
  const [sharePercent, setSharePercent] = useState<number | string>(Math.round((first?.share ?? 1) * 100));
  const [ttl, setTtl] = useState<number | string>(catalogue.defaultTtlSeconds);
  const command = useCommand(control.commands);
  const choose = (name: string): void => {
    const next = catalogue.faults.find((entry) => entry.name === name);
    setFault(next);
    if (next?.share != null) setSharePercent(Math.round(next.share * 100));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const share = fault?.share == null ? {} : { share: Number(sharePercent) / 100 };
    const params = { name: fault?.name, ttlSeconds: Number(ttl), ...share };
    void command.send('/api/chaos/commands', { kind: 'start', params });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <NativeSelect
          label="Fault"
          data={groupByTarget(catalogue.faults)}
          value={fault?.name}
          onChange={(event) => choose(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed" mih={22}>
          {fault?.description}
        </Text>
        <Group gap="xs" grow align="flex-start">
          <NumberInput
            label="Share of requests"
            suffix=" %"
            min={1}
            max={100}
            value={fault?.share == null ? '' : sharePercent}
            placeholder="all"
            disabled={fault?.share == null}
            onChange={setSharePercent}
          />
          <NumberInput
            label="Time to live"
            suffix=" s"
            min={5}
            max={catalogue.maxTtlSeconds}
            required
            withAsterisk={false}
            value={ttl}
            onChange={setTtl}
          />
        </Group>
        <Button
          type="submit"
          color="violet"
          loading={command.busy}
          disabled={disabled || ttl === '' || fault === undefined}
        >
          Start {fault?.name}
        </Button>
        <CommandOutcome command={command} owner="chaos" />
      </Stack>
    </form>
  );
}
