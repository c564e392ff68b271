import type { Logger } from '#process/logger';
import type { BusEnv } from './config.ts';
import type { DeadLetters } from './dead-letters.ts';
import { createKafkaBus } from './kafka.ts';
import { openKafkaDeadLetters } from './kafka-dead-letters.ts';
import type { Bus } from './port.ts';
import { createPostgresBus } from './postgres.ts';
import { openPostgresDeadLetters } from './postgres-dead-letters.ts';

/**
 * Joins the bus. @param name shown in the server's list of clients
 * @throws when the embedded one cannot be reached; Kafka is waited for in the background
 */
export async function openBus(env: BusEnv, { name, logger }: { name: string; logger: Logger }): Promise<Bus> {
  if (env.KAFKA_BROKERS !== undefined) return createKafkaBus({ brokers: env.KAFKA_BROKERS, name, logger });
  return createPostgresBus({ url: embeddedUrl(env), name, logger });
}

/** What the consumers have given up, on the bus that there is. */
export async function openDeadLetters(
  env: BusEnv,
  { name, logger }: { name: string; logger: Logger },
): Promise<DeadLetters> {
  if (env.KAFKA_BROKERS !== undefined) return openKafkaDeadLetters({ brokers: env.KAFKA_BROKERS, name, logger });
  return openPostgresDeadLetters(embeddedUrl(env));
}

function embeddedUrl({ BUS_URL }: BusEnv): string {
  if (BUS_URL === undefined) throw new Error('neither BUS_URL nor KAFKA_BROKERS says where the bus is');
  return BUS_URL;
}
