import type { Snapshot } from './hub.ts';

export type LiveStatus = { state: 'connecting' | 'live' | 'reconnecting'; lastBeatMs: number | null };

type Source = {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
};

export type LiveClient = {
  /** Keeps a topic in the stream until the returned function is called. */
  watch(topic: string): () => void;
  status(): LiveStatus;
  onStatus(listener: () => void): () => void;
  close(): void;
};

const silentMs = 6_000;
const settleMs = 30;
const longestRetryMs = 8_000;

/**
 * One stream of server-sent events for all that a page watches. It reopens when the topics change, when the connection
 * breaks and when it falls silent; whatever was missed comes with the first snapshot.
 */
export function createLiveClient({
  open,
  clock,
  onSnapshot,
}: {
  open: (url: string) => Source;
  clock: () => number;
  onSnapshot: (snapshot: Snapshot) => void;
}): LiveClient {
  const watched = new Map<string, number>();
  const listeners = new Set<() => void>();
  let status: LiveStatus = { state: 'connecting', lastBeatMs: null };
  let source: Source | null = null;
  let openUrl = '';
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const setState = (state: LiveStatus['state'], lastBeatMs = status.lastBeatMs): void => {
    status = { state, lastBeatMs };
    for (const listener of listeners) listener();
  };
  const beat = (): void => {
    failures = 0;
    setState('live', clock());
  };
  const fail = (): void => {
    source?.close();
    source = null;
    failures += 1;
    setState('reconnecting');
    later(Math.min(longestRetryMs, 500 * 2 ** (failures - 1)));
  };
  const connect = (): void => {
    const url = `/api/live?${[...watched.keys()]
      .sort()
      .map((topic) => `topic=${encodeURIComponent(topic)}`)
      .join('&')}`;
    if (watched.size === 0 || (source !== null && url === openUrl)) return;
    source?.close();
    openUrl = url;
    const opened = open(url);
    source = opened;
    opened.addEventListener('beat', () => opened === source && beat());
    opened.addEventListener('error', () => opened === source && fail());
    opened.addEventListener('snapshot', ({ data }) => {
      if (opened !== source || typeof data !== 'string') return;
      beat();
      onSnapshot(JSON.parse(data) as Snapshot);
    });
  };
  const later = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(connect, delayMs);
  };
  const watchdog = setInterval(() => {
    if (source !== null && status.lastBeatMs !== null && clock() - status.lastBeatMs > silentMs) fail();
  }, 1_000);

  return {
    watch: (topic) => {
      watched.set(topic, (watched.get(topic) ?? 0) + 1);
      later(settleMs);
      return () => {
        const left = (watched.get(topic) ?? 1) - 1;
        if (left > 0) watched.set(topic, left);
        else watched.delete(topic);
        later(settleMs);
      };
    },
    status: () => status,
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      clearTimeout(timer);
      clearInterval(watchdog);
      source?.close();
      source = null;
    },
  };
}
