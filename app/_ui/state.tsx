import { Badge, Group } from '@mantine/core';
import {
  IconAlertHexagonFilled,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconHandStop,
  IconHelpCircle,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { serviceColor } from './service-color.ts';

/** State of anything that customers depend on; always word + shape + colour. */
export type Tone = 'hurt' | 'handled' | 'risk' | 'ok' | 'unknown' | 'over';

const looks = {
  hurt: { color: 'red.8', icon: IconAlertHexagonFilled },
  handled: { color: 'red', icon: IconHandStop },
  risk: { color: 'yellow', icon: IconAlertTriangle },
  ok: { color: 'teal', icon: IconCircleCheck },
  unknown: { color: 'gray', icon: IconHelpCircle },
  over: { color: 'gray', icon: IconCircleDashed },
} as const;

function toneColor(tone: Tone): string {
  return looks[tone].color;
}

export function ToneIcon({ tone, size = 18 }: { tone: Tone; size?: number }): ReactNode {
  const Icon = looks[tone].icon;
  return <Icon size={size} aria-hidden="true" style={{ flexShrink: 0 }} />;
}

/** A state as a word with its shape and colour. */
export function StateBadge({ tone, children }: { tone: Tone; children: ReactNode }): ReactNode {
  return (
    <Badge
      color={toneColor(tone)}
      variant={tone === 'hurt' ? 'filled' : 'light'}
      leftSection={<ToneIcon tone={tone} size={13} />}
      tt="none"
      w="max-content"
      styles={{ label: { fontWeight: 600 } }}
      c={tone === 'hurt' ? undefined : 'var(--mantine-color-text)'}
    >
      {children}
    </Badge>
  );
}

/** A fault's state as people say it. */
export function FaultBadge({ state }: { state: 'firing' | 'acknowledged' | 'resolved' }): ReactNode {
  if (state === 'firing') return <StateBadge tone="hurt">Firing</StateBadge>;
  if (state === 'acknowledged') return <StateBadge tone="handled">Acknowledged</StateBadge>;
  return <StateBadge tone="over">Resolved</StateBadge>;
}

/** A coloured dot in a service's colour before its name. */
export function ServiceDot({ color }: { color: string }): ReactNode {
  const [name, shade] = color.split('.');
  return (
    <Group
      component="span"
      w={10}
      h={10}
      aria-hidden="true"
      style={{ borderRadius: 5, background: `var(--mantine-color-${name}-${shade})`, flexShrink: 0 }}
    />
  );
}

/** A service's name behind its dot, as a cell of a table. */
export function ServiceName({ name }: { name: string }): ReactNode {
  return (
    <Group component="span" gap={8} wrap="nowrap" display="inline-flex">
      <ServiceDot color={serviceColor(name)} />
      {name}
    </Group>
  );
}
