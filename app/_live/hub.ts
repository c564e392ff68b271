/** What a subscriber gets: the value of a topic, and when it was read (Unix ms). */
export type Snapshot<T = unknown> = { topic: string; atMs: number; value: T };

type Listener = (snapshot: Snapshot) => void;

type Entry = {
  listeners: Set<Listener>;
  latest: Snapshot | null;
  reading: Promise<Snapshot> | null;
  timer: NodeJS.Timeout | null;
  again: boolean;
};

export type Hub = {
  /** The topic's value, at most `pollMs` old; concurrent callers share one read. */
  read(topic: string): Promise<Snapshot>;
  /** Calls back with the value at once and after each poll, until the returned function is called. */
  subscribe(topic: string, listener: Listener): () => void;
  /** Reads the topics again now: something is known to have changed. */
  nudge(matches: (topic: string) => boolean): void;
};

/**
 * Polls each topic while someone watches it, once for all who do. A slow read delays the next one, so that a tired
 * store is never asked the same thing twice at a time.
 */
export function createHub({
  load,
  pollMs,
  clock,
  onError,
}: {
  load: (topic: string) => Promise<unknown>;
  pollMs: number;
  clock: () => number;
  onError: (topic: string, error: unknown) => void;
}): Hub {
  const entries = new Map<string, Entry>();

  const entryOf = (topic: string): Entry => {
    const known = entries.get(topic);
    if (known !== undefined) return known;
    const entry: Entry = { listeners: new Set(), latest: null, reading: null, timer: null, again: false };
    entries.set(topic, entry);
    return entry;
  };

  const refresh = (topic: string, entry: Entry): Promise<Snapshot> => {
    entry.reading ??= load(topic)
      .then((value) => {
        entry.latest = { topic, atMs: clock(), value };
        for (const listener of entry.listeners) listener(entry.latest);
        return entry.latest;
      })
      .finally(() => {
        entry.reading = null;
        schedule(topic, entry);
      });
    return entry.reading;
  };

  const schedule = (topic: string, entry: Entry): void => {
    if (entry.timer !== null) clearTimeout(entry.timer);
    const delayMs = entry.again ? 0 : pollMs;
    entry.again = false;
    entry.timer = setTimeout(() => {
      entry.timer = null;
      if (entry.listeners.size === 0) {
        entries.delete(topic);
        return;
      }
      refresh(topic, entry).catch((error: unknown) => onError(topic, error));
    }, delayMs);
    entry.timer.unref();
  };

  return {
    read: (topic) => {
      const entry = entryOf(topic);
      if (entry.latest !== null && clock() - entry.latest.atMs < pollMs) return Promise.resolve(entry.latest);
      return refresh(topic, entry);
    },
    subscribe: (topic, listener) => {
      const entry = entryOf(topic);
      entry.listeners.add(listener);
      if (entry.latest !== null && clock() - entry.latest.atMs < pollMs) listener(entry.latest);
      else refresh(topic, entry).catch((error: unknown) => onError(topic, error));
      return () => entry.listeners.delete(listener);
    },
    nudge: (matches) => {
      for (const [topic, entry] of entries) {
        if (!matches(topic) || entry.listeners.size === 0) continue;
        if (entry.reading !== null) entry.again = true;
        else refresh(topic, entry).catch((error: unknown) => onError(topic, error));
      }
    },
  };
}
