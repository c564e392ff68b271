'use client';
import { ActionIcon, Alert, Anchor, Button, Group, Text, Tooltip } from '@mantine/core';
import { IconBell, IconBellOff } from '@tabler/icons-react';
import Link from 'next/link';
import { type ReactNode, useEffect, useState } from 'react';
import type { ArrivedPage } from '#app/_server/shell.ts';
import { Ago } from './time.tsx';

const dismissedKey = 'bellwether.pager.dismissed';
const rungKey = 'bellwether.pager.rung';
const armedKey = 'bellwether.pager.armed';
const keptKeys = 100;
const nothing: ReadonlySet<string> = new Set();

function readKeys(name: string): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(name) ?? '[]');
    return Array.isArray(stored) ? stored.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}

function remember(name: string, keys: readonly string[]): void {
  localStorage.setItem(name, JSON.stringify([...new Set([...keys, ...readKeys(name)])].slice(0, keptKeys)));
}

/** Two short tones, made here: no file to load, and nothing plays before the person has switched sound on. */
function ring(): void {
  const audio = new AudioContext();
  for (const [index, frequency] of [880, 660, 880].entries()) {
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    const at = audio.currentTime + index * 0.22;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.21);
  }
  setTimeout(() => void audio.close(), 1_500);
}

function announce(page: ArrivedPage): void {
  ring();
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const title = page.status === 'firing' ? `Bellwether: ${page.service}` : `Resolved: ${page.service}`;
  const notification = new Notification(title, { body: page.summary, tag: page.faultId, requireInteraction: true });
  notification.onclick = () => {
    window.focus();
    window.location.assign(`/faults/${page.faultId}`);
  };
}

function latestPerFault(pages: readonly ArrivedPage[]): ArrivedPage[] {
  const sorted = [...pages].sort((a, b) => b.receivedAtMs - a.receivedAtMs);
  return sorted.filter((page, index) => sorted.findIndex(({ faultId }) => faultId === page.faultId) === index);
}

/** The keys that a person dismissed in any tab of this browser; null before the browser has been asked. */
function useDismissed(): [ReadonlySet<string> | null, (key: string) => void] {
  const [dismissed, setDismissed] = useState<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const read = (): void => setDismissed(new Set(readKeys(dismissedKey)));
    read();
    window.addEventListener('storage', read);
    return () => window.removeEventListener('storage', read);
  }, []);
  const dismiss = (key: string): void => {
    remember(dismissedKey, [key]);
    setDismissed(new Set(readKeys(dismissedKey)));
  };
  return [dismissed, dismiss];
}

/**
 * The pages to show: in every open tab until dismissed in one. Of what had arrived before the tab was opened, only
 * what is still firing. One tab rings.
 */
export function usePager(
  pages: readonly ArrivedPage[],
  armed: boolean,
): {
  shown: ArrivedPage[];
  dismiss: (key: string) => void;
} {
  const [dismissed, dismiss] = useDismissed();
  const [before] = useState(() => new Set(pages.map(({ key }) => key)));
  useEffect(() => {
    const rung = new Set(readKeys(rungKey));
    const fresh = pages.filter(({ key }) => !before.has(key) && !rung.has(key));
    if (fresh.length === 0) return;
    remember(
      rungKey,
      fresh.map(({ key }) => key),
    );
    if (armed) for (const page of fresh.slice(0, 1)) announce(page);
  }, [pages, armed, before]);
  const hidden = dismissed ?? nothing;
  const shown = latestPerFault(pages).filter(
    ({ key, status }) => !hidden.has(key) && !(status === 'resolved' && before.has(key)),
  );
  return { shown: dismissed === null ? [] : shown, dismiss };
}

/** Banners for arrived pages, above everything else. */
export function PagerBanners({ shown, dismiss }: ReturnType<typeof usePager>): ReactNode {
  const firing = shown.filter(({ status }) => status === 'firing').slice(0, 3);
  // What is over is told once; more of it would only push the first line of the page down.
  const over = shown.filter(({ status }) => status === 'resolved').slice(0, 1);
  const more = shown.filter(({ status }) => status === 'firing').length - firing.length;
  return (
    <div aria-live="assertive" data-testid="pager">
      {[...firing, ...over].map((page) => (
        <Alert
          key={page.key}
          mb="sm"
          color={page.status === 'firing' ? 'red.8' : 'gray'}
          variant={page.status === 'firing' ? 'filled' : 'light'}
          py="xs"
          withCloseButton
          closeButtonLabel="Dismiss"
          onClose={() => dismiss(page.key)}
        >
          <Group justify="space-between" gap="xs">
            <Text size="sm" style={{ flex: '1 1 20rem' }}>
              <strong>
                {page.status === 'firing' ? `Page: ${page.service} is hurting customers` : `Resolved: ${page.service}`}
              </strong>
              <br />
              {page.summary.replace(/^Resolved: /, '')}
            </Text>
            <Group gap="sm">
              <Text size="xs" component="span">
                <Ago ms={page.receivedAtMs} />
              </Text>
              <Button
                component={Link}
                href={`/faults/${page.faultId}`}
                size="xs"
                variant="white"
                color="dark"
                onClick={() => dismiss(page.key)}
              >
                Open the fault
              </Button>
            </Group>
          </Group>
        </Alert>
      ))}
      {more > 0 && <Anchor component={Link} href="/faults">{`${more} more pages`}</Anchor>}
    </div>
  );
}

/** Whether this browser rings and notifies; remembered. */
export function useArmed(): { armed: boolean; toggle: () => void } {
  const [armed, setArmed] = useState(false);
  useEffect(() => setArmed(localStorage.getItem(armedKey) === 'true'), []);
  const toggle = (): void => {
    localStorage.setItem(armedKey, String(!armed));
    setArmed(!armed);
    if (armed) return;
    ring();
    if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
  };
  return { armed, toggle };
}

/** The switch for sound and desktop notification; a browser allows both only after a click. */
export function PagerSwitch({ armed, toggle }: { armed: boolean; toggle: () => void }): ReactNode {
  const label = armed
    ? 'Pager is on: sound and desktop notification'
    : 'Turn the pager on: sound and desktop notification';
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={armed ? 'filled' : 'default'}
        size="md"
        aria-label={label}
        aria-pressed={armed}
        onClick={toggle}
      >
        {armed ? <IconBell size={17} /> : <IconBellOff size={17} />}
      </ActionIcon>
    </Tooltip>
  );
}
