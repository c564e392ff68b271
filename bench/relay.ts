import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startTestPostgres } from '#cli/embedded/test-postgres';
import { createLogger } from '#process/logger';
import { createDatabase, migrate } from '#services/kit/database';
import { defineEvents } from '#services/kit/events/contract';
import { appendEvent, type OutboxTables, outboxMigration } from '#services/kit/outbox';
import { type Relay, startRelay } from '#services/kit/relay/relay';
import { serviceNames, topology } from '#services/topology';
import { writeReport } from './report.ts';

/**
 * What it costs, and what it brings, to stream the outboxes of all services from one embedded server: the delay from an
 * event's commit until it is handed to the bus, processor time and memory of the server. `woken` is a relay that is told
 * of each append by its own process, as most are.
 */
const variants = ['polling', 'polling, woken', 'streaming'] as const;
type Variant = (typeof variants)[number];

const eventsPerSecond = 40;
const seconds = 30;
const ticksPerSecond = 100;
const names = serviceNames.filter((name) => topology[name].publishes.length > 0);
const contract = defineEvents('bench', { 'bench.happened': z.object({ atMs: z.number() }) });
const logger = createLogger('bench');
logger.level = 'error';

const postgres = await startTestPostgres({ databases: names, durable: true });
const databases = await Promise.all(
  names.map(async (name) => {
    const db = createDatabase<OutboxTables>({ url: postgres.url(name), name, logger });
    await migrate(db, { '0001_outbox': outboxMigration });
    return { name, db };
  }),
);
const results: Record<string, Record<string, number>> = {};
for (const variant of variants) results[variant] = await measure(variant);
console.table(results);
writeReport('relay', { services: names.length, eventsPerSecond, seconds, results });
await Promise.all(databases.map(({ db }) => db.destroy()));
await postgres.stop();

async function measure(variant: Variant): Promise<Record<string, number>> {
  const delays: number[] = [];
  const publish = async (events: { data: Record<string, unknown> }[]): Promise<void> => {
    for (const { data } of events) delays.push(performance.now() - Number(data.atMs));
  };
  const relays = databases.map(({ name, db }) => {
    const stream = { url: postgres.url(name), slot: `outbox_${name}` };
    return startRelay({ db, publish, logger, stream: variant === 'streaming' ? stream : undefined });
  });
  await sleep(5_000);
  const idleFrom = readCpuSeconds();
  await sleep(10_000);
  const busyFrom = readCpuSeconds();
  await append(relays, variant);
  const cpu = readCpuSeconds() - busyFrom;
  const memoryMb = readMemoryMb();
  await Promise.all(relays.map((relay) => relay.stop()));
  delays.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    Math.round((delays[Math.floor(q * (delays.length - 1))] ?? Number.NaN) * 10) / 10;
  return {
    events: delays.length,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    idleCpuPercent: Math.round(((busyFrom - idleFrom) / 10) * 1_000) / 10,
    cpuPercent: Math.round((cpu / seconds) * 1_000) / 10,
    serverMb: memoryMb,
  };
}

/** Evenly, to one service after the other. */
async function append(relays: readonly Relay[], variant: Variant): Promise<void> {
  const startedAtMs = performance.now();
  for (let n = 0; n < eventsPerSecond * seconds; n += 1) {
    await sleep(Math.max(0, startedAtMs + (n * 1_000) / eventsPerSecond - performance.now()));
    const index = n % databases.length;
    const atMs = performance.now();
    const event = { type: 'bench.happened' as const, subject: 's', timeMs: Date.now(), data: { atMs } };
    const db = databases[index]?.db;
    if (db !== undefined) await appendEvent(db, contract, event);
    if (variant === 'polling, woken') relays[index]?.wake();
  }
  await sleep(1_000);
}

/** The postmaster and its children. */
function readServerPids(): number[] {
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postgres.pid())], { encoding: 'utf8' });
  return [postgres.pid(), ...children.trim().split(/\s+/).map(Number)];
}

/** User and system time; the postmaster's also of the children that have ended. */
function readCpuSeconds(): number {
  const ticks = readServerPids().flatMap((pid) => {
    const fields = readProcess(pid, 'stat')?.split(') ')[1]?.split(' ') ?? [];
    return fields.slice(11, pid === postgres.pid() ? 15 : 13).map(Number);
  });
  return ticks.reduce((total, each) => total + each, 0) / ticksPerSecond;
}

/** Shared pages counted once (PSS). */
function readMemoryMb(): number {
  const kilobytes = readServerPids().map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readProcess(pid, 'smaps_rollup') ?? '')?.[1] ?? 0),
  );
  return Math.round(kilobytes.reduce((total, each) => total + each, 0) / 1_024);
}

function readProcess(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
