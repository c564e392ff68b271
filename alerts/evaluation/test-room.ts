import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { PrismaClient } from '#prisma/client';
import { createDispatcher, type Dispatcher } from '../notify/dispatcher.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { SloDefinition } from '../slo/definition.ts';
import { createLoop, type Loop } from './loop.ts';
import { createTestTelemetry, failedCheckout, type TestTelemetry } from './test-telemetry.ts';

const logger = pino({ level: 'silent' });

export type TestRoom = {
  telemetry: TestTelemetry;
  loop: Loop;
  /** Seconds of traffic and ticks: healthy, or with what is named failing. */
  pass: (seconds: number, fault?: 'payments') => Promise<void>;
  nowMs: () => number;
  /** A new process: everything in memory is gone. */
  restart: () => void;
  /** Reads and writes through the room's database client unless told another. */
  startDispatcher: (client?: PrismaClient) => Dispatcher;
};

const shop: { service: string; route?: string }[] = [
  { service: 'gateway', route: '/api/checkout' },
  { service: 'orders' },
  { service: 'payments' },
  { service: 'catalog' },
];

/** The alerts room on a real database, with a store in memory and a clock that the test moves. */
export function createTestRoom(prisma: PrismaClient, receivers: Receiver[]): TestRoom {
  const telemetry = createTestTelemetry();
  let nowMs = Date.UTC(2026, 10, 23, 14, 0, 0);
  let loop = openLoop();

  function openLoop(): Loop {
    let told = false;
    return createLoop({
      prisma,
      queries: telemetry.queries,
      slos: {
        poll: async () => {
          if (told) return null;
          told = true;
          return { slos: shop.map(({ service }) => availability(service)), problems: [] };
        },
      },
      addressees: { receivers: receivers.map(({ name }) => name), consoleUrl: 'http://127.0.0.1:3000' },
      promisedSeconds: 30 * 86_400,
      clock: () => nowMs,
      newId: randomUUID,
      logger,
      onCommitted: () => undefined,
      onFailed: () => undefined,
    });
  }

  return {
    telemetry,
    get loop() {
      return loop;
    },
    nowMs: () => nowMs,
    pass: async (seconds, fault) => {
      for (let second = 0; second < seconds; second += 1) {
        nowMs += 1_000;
        const hit = (service: string): boolean => fault === 'payments' && service !== 'catalog';
        const share = (service: string) => (hit(service) ? { good: 0, bad: 3 } : { good: 3, bad: 0 });
        telemetry.add(
          nowMs - 300,
          shop.map((part) => ({ ...part, ...share(part.service) })),
        );
        if (fault === 'payments') telemetry.addTrace(nowMs - 700, failedCheckout());
        await loop.tick();
      }
    },
    restart: () => {
      loop = openLoop();
    },
    startDispatcher: (client = prisma) =>
      createDispatcher({
        prisma: client,
        receivers,
        clock: () => nowMs,
        random: () => 0,
        logger,
        onDelivery: () => undefined,
      }),
  };
}

function availability(service: string): SloDefinition {
  return {
    id: `${service}/availability`,
    service,
    name: 'availability',
    displayName: `${service} answers`,
    description: null,
    sli: 'availability',
    indicator: { type: 'spans', service, bad: { kind: 'error' }, countUnanswered: true },
    objective: 0.99,
    windowDays: 28,
    automatic: false,
    file: null,
    runbook: null,
    owner: null,
  };
}
