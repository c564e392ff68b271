import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readCliEnv } from './env.ts';

const instanceSchema = z.object({
  /** The supervisor's process id. */
  pid: z.number().int(),
  startedAt: z.iso.datetime(),
  /** Address that the console, the collectors and the gateway are bound to. */
  host: z.string(),
  /** Ports by process name. */
  ports: z.record(z.string(), z.number().int()),
  consoleUrl: z.url(),
  otlpUrl: z.url(),
  gatewayUrl: z.url(),
  storefrontUrl: z.url(),
  shoppersUrl: z.url(),
  supervisorUrl: z.url(),
  /** Lets the owner of the instance restart its processes. */
  supervisorToken: z.string(),
  clickhouseUrl: z.url(),
  /** The control plane's PostgreSQL as role `app`: reads, and inserts commands. */
  databaseUrl: z.url(),
  /** The bus's PostgreSQL database as its owner: reads and replays events. */
  busUrl: z.url(),
  /** Set when the bus is on Kafka instead: `host:port` each. */
  kafkaBrokers: z.array(z.string()).optional(),
  chaosEnabled: z.boolean(),
});

/** Where everything of the instance that runs in this clone can be reached. */
export type Instance = z.infer<typeof instanceSchema>;

/** Path of the file that describes the running instance; readable by its owner only, since it holds a password. */
export function instanceFile(dataDir: string): string {
  return path.join(dataDir, 'run.json');
}

/**
 * Finds the instance that `npm start` runs in this clone.
 * @throws Error that says how to start one, when there is none
 */
export function readInstance(dataDir: string = readCliEnv().dataDir): Instance {
  let text: string;
  try {
    text = readFileSync(instanceFile(dataDir), 'utf8');
  } catch {
    throw new Error('Bellwether is not running in this directory: npm start');
  }
  return instanceSchema.parse(JSON.parse(text));
}
