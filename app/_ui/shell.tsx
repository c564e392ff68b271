'use client';
import { ActionIcon, Badge, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconBell, IconClock, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Snapshot } from '#app/_live/hub.ts';
import { useLive } from '#app/_live/live.tsx';
import type { ShellData } from '#app/_server/shell.ts';
import { LiveBadge, StaleBanner } from './live-status.tsx';
import { PagerBanners, PagerSwitch, useArmed, usePager } from './pager.tsx';
import type { Place } from './palette.tsx';
import { useRangeQuery } from './range-picker.tsx';
import classes from './shell.module.css';
import { useZone } from './time.tsx';

const Palette = dynamic(() => import('./palette.tsx').then((module) => module.Palette), { ssr: false });

const links = [
  { href: '/', label: 'Overview' },
  { href: '/registry', label: 'Registry' },
  { href: '/faults', label: 'Faults' },
  { href: '/business', label: 'Business' },
  { href: '/users', label: 'Real users' },
  { href: '/events', label: 'Events' },
  { href: '/chaos', label: 'Chaos' },
] as const;

const none: never[] = [];

function listPlaces(data: ShellData): Place[] {
  const pages = links.map(({ href, label }) => ({ href, label, hint: 'page' }));
  if (!data.control.ok) return pages;
  const { services, faults } = data.control.value;
  return [
    ...pages,
    ...services.map((name) => ({ href: `/services/${encodeURIComponent(name)}`, label: name, hint: 'service' })),
    ...faults.map(({ id, number, service, summary, state }) => ({
      href: `/faults/${id}`,
      label: `Fault #${number}: ${service}`,
      hint: `${state}: ${summary}`,
    })),
  ];
}

/** The link of the page that one is on; those of a service belong to the registry. */
function findCurrent(path: string): string | undefined {
  const place = path.startsWith('/services/') ? '/registry' : path;
  return links.find(({ href }) => (href === '/' ? place === '/' : place.startsWith(href)))?.href;
}

function Navigation({ openFaults }: { openFaults: number }): ReactNode {
  const path = usePathname();
  const query = useRangeQuery();
  const line = useRef<HTMLElement>(null);
  const here = findCurrent(path);
  // On a phone the line scrolls sideways: the page that one is on must not be out of sight.
  useEffect(() => {
    const nav = line.current;
    const link = nav?.querySelector('a[aria-current="page"]')?.getBoundingClientRect();
    if (here === undefined || nav === null || link === undefined) return;
    // Not by scrollIntoView: the Tab key would go on from there, past the link that skips to the content.
    const box = nav.getBoundingClientRect();
    nav.scrollLeft += link.left + link.width / 2 - (box.left + box.width / 2);
  }, [here]);
  return (
    <nav className={classes.nav} aria-label="Pages" ref={line}>
      {links.map(({ href, label }) => {
        return (
          <Link
            key={href}
            href={['/', '/business', '/users', '/events'].includes(href) ? `${href}${query}` : href}
            className={classes.link}
            aria-current={href === here ? 'page' : undefined}
          >
            {label}
            {href === '/faults' && openFaults > 0 && (
              <Badge size="sm" color="red.8" aria-label={`${openFaults} open`}>
                {openFaults}
              </Badge>
            )}
          </Link>
        );
      })}
    </nav>
  );
}

function Switches(): ReactNode {
  const { toggleColorScheme } = useMantineColorScheme();
  const { utc, toggle } = useZone();
  return (
    <>
      <Tooltip label={utc ? 'Times are UTC; show local times' : 'Times are local; show UTC'}>
        <ActionIcon
          variant="default"
          aria-label="Switch between local time and UTC"
          aria-pressed={utc}
          onClick={toggle}
          className={classes.wideOnly}
        >
          <IconClock size={17} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Light or dark">
        <ActionIcon variant="default" aria-label="Switch between light and dark" onClick={() => toggleColorScheme()}>
          <IconSun size={17} className="light-hidden" />
          <IconMoon size={17} className="dark-hidden" />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

/** What surrounds every page: navigation, the pager, whether values are live, switches, the palette. */
export function Shell({ initial, children }: { initial: Snapshot<ShellData>; children: ReactNode }): ReactNode {
  const data = useLive(initial);
  const [searching, setSearching] = useState(false);
  const { armed, toggle } = useArmed();
  const pages = data.control.ok ? data.control.value.pages : none;
  const { shown, dismiss } = usePager(pages, armed);
  const path = usePathname();
  const places = useMemo(() => listPlaces(data), [data]);
  useHotkeys([
    ['mod+K', () => setSearching(true)],
    ['/', () => setSearching(true)],
    ['j', () => document.querySelector<HTMLElement>('tr[data-row]')?.focus()],
  ]);
  return (
    <>
      <a href="#main" className="skip-link">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link href="/" className={classes.brand} aria-label="Bellwether, overview">
            <IconBell size={20} aria-hidden="true" />
            <span className={classes.brandName}>Bellwether</span>
          </Link>
          <Navigation openFaults={data.control.ok ? data.control.value.openFaults : 0} />
          <LiveBadge />
          <Tooltip label="Search: Ctrl K or /">
            <ActionIcon variant="default" aria-label="Search" onClick={() => setSearching(true)}>
              <IconSearch size={17} />
            </ActionIcon>
          </Tooltip>
          <PagerSwitch armed={armed} toggle={toggle} />
          <Switches />
        </div>
      </header>
      <main className={classes.main} id="main" tabIndex={-1}>
        {/* The page of a fault is not told of that fault a second time. */}
        <PagerBanners shown={shown.filter(({ faultId }) => path !== `/faults/${faultId}`)} dismiss={dismiss} />
        <StaleBanner />
        {children}
      </main>
      {searching && <Palette opened onClose={() => setSearching(false)} places={places} />}
    </>
  );
}
