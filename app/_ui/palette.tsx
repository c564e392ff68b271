'use client';
import { Kbd, Modal, NavLink, Stack, Text, TextInput } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, type ReactNode, useState } from 'react';

export type Place = { label: string; hint: string; href: string };

/** Reaches every page, service and fault by typing a part of its name. */
export function Palette({
  opened,
  onClose,
  places,
}: {
  opened: boolean;
  onClose: () => void;
  places: readonly Place[];
}): ReactNode {
  const router = useRouter();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const words = text.toLowerCase().split(/\s+/);
  const found = places
    .filter(({ label, hint }) => words.every((word) => `${label} ${hint}`.toLowerCase().includes(word)))
    .slice(0, 12);
  const close = (): void => {
    setText('');
    setChosen(0);
    onClose();
  };
  const open = (place: Place | undefined): void => {
    if (place === undefined) return;
    close();
    router.push(place.href);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((now) => Math.max(0, Math.min(found.length - 1, now + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      open(found[chosen]);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title="Go to" size="md" yOffset="10vh" transitionProps={{ duration: 0 }}>
      <TextInput
        data-autofocus
        aria-label="Search services, faults and pages"
        placeholder="A service, a fault, a page"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Stack gap={0} mt="xs">
        {found.map((place, index) => (
          <NavLink
            key={place.href}
            href={place.href}
            label={place.label}
            description={place.hint}
            active={index === chosen}
            onClick={(event) => {
              event.preventDefault();
              open(place);
            }}
          />
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" py="sm">
            Nothing is called “{text}”.
          </Text>
        )}
      </Stack>
      <Text size="xs" c="dimmed" mt="sm">
        <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> to choose, <Kbd size="xs">Enter</Kbd> to go,{' '}
        <Kbd size="xs">Esc</Kbd> to close
      </Text>
    </Modal>
  );
}
