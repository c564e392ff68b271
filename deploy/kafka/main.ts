import path from 'node:path';
import { startBroker } from '#cli/embedded/kafka';
import { readCliEnv } from '#cli/env';
import { readEnv } from './env.ts';

const { root, dataDir } = readCliEnv();
const { port, controllerPort, heapMb } = readEnv();
const broker = await startBroker({
  recipeDir: import.meta.dirname,
  libsDir: path.join(dataDir, 'kafka-libs'),
  dataDir: path.join(dataDir, 'kafka'),
  onLog: (line) => process.stdout.write(`${line}\n`),
  ...{ port, controllerPort, heapMb },
});
process.stdout.write(
  `\nApache Kafka is up. In another terminal, in ${root}:\n  KAFKA_BROKERS=127.0.0.1:${port} npm start\nCtrl-C stops it.\n`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void broker.stop());
await broker.exited;
