'use client';
import { Anchor, Group, Stack, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import Link from 'next/link';
import { Fragment, type ReactNode } from 'react';
import { formatCount, formatShare } from '#app/_ui/format.ts';
import { serviceColor } from '#app/_ui/service-color.ts';
import { ServiceDot } from '#app/_ui/state.tsx';
import type { Evidence, Impact } from '../_evidence.ts';

function FailingPath({ chain }: { chain: readonly string[] }): ReactNode {
  return (
    <Group gap={6}>
      {chain.map((service, index) => (
        <Fragment key={service}>
          {index > 0 && <IconArrowRight size={14} aria-label="calls" />}
          <ServiceDot color={serviceColor(service)} />
          <Anchor component={Link} href={`/services/${encodeURIComponent(service)}`} size="sm">
            {service}
          </Anchor>
        </Fragment>
      ))}
    </Group>
  );
}

function Impacts({ impact }: { impact: Impact }): ReactNode {
  const what = impact.entry == null ? 'events' : `calls of ${impact.entry.name || impact.entry.route}`;
  return (
    <>
      <Text size="sm">
        {formatCount(impact.badEvents)} of {formatCount(impact.events)} {what} were bad ({formatShare(impact.badShare)}
        ).
      </Text>
      {impact.affected.length > 0 && <Text size="sm">Objectives hit: {impact.affected.join(', ')}.</Text>}
    </>
  );
}

/** Why this service is named, and what customers suffered. */
export function EvidenceList({
  evidence,
  impact,
  service,
}: {
  evidence: Evidence | null;
  impact: Impact | null;
  service: string;
}): ReactNode {
  return (
    <Stack gap="xs">
      {impact !== null && <Impacts impact={impact} />}
      {evidence === null || evidence.traces === 0 ? (
        <Text size="sm">No trace told who failed first, so the service that alarmed is named.</Text>
      ) : (
        <>
          <Text size="sm">
            {formatCount(evidence.votes)} of {formatCount(evidence.traces)} failing traces end in {service} (
            {evidence.symptom}), the deepest service that failed by itself:
          </Text>
          <FailingPath chain={evidence.chain} />
        </>
      )}
      {evidence?.revised != null && <Text size="sm">{evidence.revised}</Text>}
      {evidence !== null && evidence.traceIds.length > 0 && (
        <Group gap="sm">
          {evidence.traceIds.slice(0, 8).map((traceId, index) => (
            <Anchor key={traceId} component={Link} href={`/traces/${traceId}`} size="sm" title={traceId}>
              Failing trace {index + 1}
            </Anchor>
          ))}
        </Group>
      )}
    </Stack>
  );
}
