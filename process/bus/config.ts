// Apart from what it configures: the telemetry preload reads configuration, and must come before whatever it instruments.
import { z } from 'zod';
import { fields } from '#process/config';

/** `host:port`, commas between. */
const brokers = z
  .string()
  .regex(/^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/, 'expected host:port, with commas between several')
  .transform((text) => text.split(','));

/** Where the bus is: Kafka when brokers are named, else the embedded one's PostgreSQL database. */
export const busFields = { BUS_URL: fields.url, KAFKA_BROKERS: brokers.optional() };

export type BusEnv = { BUS_URL?: string | undefined; KAFKA_BROKERS?: string[] | undefined };
