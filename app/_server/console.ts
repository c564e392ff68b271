import { createCatalogReader } from '#app/_catalog/reader.ts';
import { createHub, type Hub, type Snapshot } from '#app/_live/hub.ts';
import { formatTopic, parseTopic, type Topic } from '#app/_live/topics.ts';
import { type AppEnv, readEnv } from '#app/env.ts';
import { createLogger, type Logger } from '#process/logger';
import { createStoreClient } from '#telemetry/client';
import { openDatabase } from './database.ts';
import { listenForever } from './listen.ts';
import { createMemory } from './memory.ts';
import { readTopic } from './read-topic.ts';
import type { Sources } from './sources.ts';

export type Console = { env: AppEnv; sources: Sources; hub: Hub; logger: Logger };

const pollMs = 2_000;

/** Topics that a notification of PostgreSQL concerns, by its channel. */
const concerned: Record<string, RegExp> = {
  faults: /^(?!chaos|figures|events|session|trace)/,
  injections: /^(chaos|overview|business|service)/,
  pages: /^(?!chaos|figures|events|session|trace)/,
  dead_letters: /^events/,
};

// Next.js bundles pages and route handlers apart, so a module-level variable would exist once per bundle.
const key = Symbol.for('bellwether.console');
const holder = globalThis as typeof globalThis & { [key]?: Console };

function open(): Console {
  const env = readEnv();
  const logger = createLogger('app');
  const sources: Sources = {
    prisma: openDatabase(env.DATABASE_URL, 6).prisma,
    store: createStoreClient(env.CLICKHOUSE_URL),
    clock: () => Date.now(),
    readCatalog: createCatalogReader(env.BELLWETHER_CATALOG_GLOB, () => Date.now()),
    remember: createMemory(),
    chaosEnabled: env.CHAOS_ENABLED,
  };
  const hub = createHub({
    load: async (text) => {
      const topic = parseTopic(text);
      if (topic === null) throw new Error(`there is no topic "${text}"`);
      return readTopic(sources, topic);
    },
    pollMs,
    clock: sources.clock,
    onError: (topic, error) => logger.warn({ topic, err: error }, 'a topic could not be read'),
  });
  listenForever({
    databaseUrl: env.DATABASE_URL,
    channels: Object.keys(concerned),
    retryMs: 1_000,
    onNotify: (channel) => hub.nudge((topic) => concerned[channel]?.test(topic) ?? false),
  });
  return { env, sources, hub, logger };
}

/** The one console of this process: configuration, what it reads from, the live hub. Opened on first use. */
export function getConsole(): Console {
  holder[key] ??= open();
  return holder[key];
}

/** A topic's value for the first view; the live stream goes on from there. */
export async function readSnapshot<T>(topic: Topic): Promise<Snapshot<T>> {
  return (await getConsole().hub.read(formatTopic(topic))) as Snapshot<T>;
}
