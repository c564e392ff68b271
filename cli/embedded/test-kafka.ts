import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCliEnv } from '../env.ts';
import { findFreePort } from './free-port.ts';
import { type Broker, startBroker } from './kafka.ts';

export type TestKafka = {
  /** `host:port` of the one broker. */
  brokers: string[];
  /** Ends it at once (SIGKILL). */
  kill: () => Promise<void>;
  /** Starts it again after `kill`, on the same port and files. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
};

/**
 * A real Apache Kafka on free ports of loopback, for one test file.
 * @throws Error when Java or Maven is missing, or with Kafka's own words when it does not come up
 */
export async function startTestKafka(): Promise<TestKafka> {
  const { root, dataDir } = readCliEnv();
  const directory = mkdtempSync(path.join(tmpdir(), 'bellwether-kafka-'));
  const [port, controllerPort] = [await findFreePort(), await findFreePort()];
  const start = (): Promise<Broker> =>
    startBroker({
      recipeDir: path.join(root, 'deploy/kafka'),
      libsDir: path.join(dataDir, 'kafka-libs'),
      dataDir: directory,
      heapMb: 384,
      onLog: () => {},
      ...{ port, controllerPort },
    });
  let broker = await start();
  // A test run that ends without stopping (a thrown error, a `process.exit`) must not leave a server behind.
  const abandon = (): void => void process.kill(broker.pid, 'SIGKILL');
  process.once('exit', abandon);
  return {
    brokers: [`127.0.0.1:${port}`],
    kill: () => broker.stop('SIGKILL'),
    restart: async () => {
      broker = await start();
    },
    stop: async () => {
      process.off('exit', abandon);
      await broker.stop('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
