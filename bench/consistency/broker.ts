import path from 'node:path';
import { startBroker } from '#cli/embedded/kafka';
import { readCliEnv } from '#cli/env';
import { isReady, waitUntil } from '../instance.ts';

export type KilledBroker = {
  address: string;
  /** Kills it with signal 9 and starts it again on the same data. @returns seconds until all that uses it is ready */
  killAndWait: () => Promise<number>;
  stop: () => Promise<void>;
};

/** A real Kafka broker for this benchmark, on a port of its own (19092), which it can kill. */
export async function startKilledBroker(): Promise<KilledBroker> {
  const { root, dataDir } = readCliEnv();
  const port = 19_092;
  const start = () =>
    startBroker({
      ...{ recipeDir: path.join(root, 'deploy/kafka'), libsDir: path.join(dataDir, 'kafka-libs') },
      ...{ dataDir: path.join(dataDir, 'kafka'), port, controllerPort: port + 2, heapMb: 512, onLog: () => undefined },
    });
  let broker = await start();
  return {
    address: `127.0.0.1:${port}`,
    killAndWait: async () => {
      const startedAtMs = performance.now();
      await broker.stop('SIGKILL');
      broker = await start();
      await waitUntil(isReady, 300_000, 'not ready within five minutes');
      return (performance.now() - startedAtMs) / 1_000;
    },
    stop: () => broker.stop(),
  };
}
