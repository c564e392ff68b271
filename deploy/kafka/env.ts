import { z } from 'zod';
import { fields, parseConfig } from '#process/config';

const schema = z.object({
  KAFKA_PORT: fields.port.default(9092),
  KAFKA_CONTROLLER_PORT: fields.port.default(9094),
  KAFKA_HEAP_MB: z.coerce.number().int().min(128).default(512),
});

/** @throws ConfigError naming every bad variable */
export function readEnv(source: Record<string, string | undefined> = process.env): {
  port: number;
  controllerPort: number;
  heapMb: number;
} {
  const env = parseConfig('kafka', schema, source);
  return { port: env.KAFKA_PORT, controllerPort: env.KAFKA_CONTROLLER_PORT, heapMb: env.KAFKA_HEAP_MB };
}
