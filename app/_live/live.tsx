'use client';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { Snapshot } from './hub.ts';
import { createLiveClient, type LiveClient, type LiveStatus } from './live-client.ts';

const LiveContext = createContext<LiveClient | null>(null);
const connecting: LiveStatus = { state: 'connecting', lastBeatMs: null };

const queryKey = (topic: string): readonly string[] => ['live', topic];

function createQueryClient(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } } });
}

/** Holds the query cache and the one live stream that fills it. */
export function LiveProvider({ children }: { children: ReactNode }): ReactNode {
  const [queries] = useState(createQueryClient);
  const [live] = useState(() =>
    createLiveClient({
      open: (url) => new EventSource(url),
      clock: () => Date.now(),
      onSnapshot: (snapshot) => queries.setQueryData(queryKey(snapshot.topic), snapshot),
    }),
  );
  return (
    <QueryClientProvider client={queries}>
      <LiveContext value={live}>{children}</LiveContext>
    </QueryClientProvider>
  );
}

function useLiveClient(): LiveClient {
  const client = useContext(LiveContext);
  if (client === null) throw new Error('LiveProvider is missing');
  return client;
}

/** The latest value of a topic: what the server rendered, then what the stream brings. */
export function useLive<T>(initial: Snapshot<T>): T {
  const client = useLiveClient();
  const { topic } = initial;
  const { data } = useQuery<Snapshot<T>>({ queryKey: queryKey(topic), enabled: false, initialData: initial });
  useEffect(() => client.watch(topic), [client, topic]);
  return data.atMs >= initial.atMs ? data.value : initial.value;
}

/** Whether the values on the page are live. */
export function useLiveStatus(): LiveStatus {
  const client = useLiveClient();
  return useSyncExternalStore(client.onStatus, client.status, () => connecting);
}

const NowContext = createContext(0);

/** A clock that ticks once a second for all relative times on the page; starts at the server's time. */
export function NowProvider({ initialMs, children }: { initialMs: number; children: ReactNode }): ReactNode {
  const [nowMs, setNowMs] = useState(initialMs);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={nowMs}>{children}</NowContext>;
}

/** The current time in Unix ms, renewed every second. */
export function useNow(): number {
  return useContext(NowContext);
}
