import { z } from 'zod';
import { defaultPorts } from '#process/addresses';
import { fields } from '#process/config';
import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  /** Where the simulated acquirer of this process listens. */
  ACQUIRER_PORT: fields.port.default(defaultPorts.acquirer),
  /** The acquirer that is asked. */
  ACQUIRER_URL: fields.url,
  /** Where the simulated acquirer tells what happened: a route of payments. */
  ACQUIRER_WEBHOOK_URL: fields.url,
  /** What it signs that with. */
  ACQUIRER_WEBHOOK_SECRET: z.string().regex(/^whsec_[A-Za-z0-9+/=]{32,}$/, 'expected whsec_ and a key in base64'),
};

export type PaymentsEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source?: Record<string, string | undefined>): PaymentsEnv {
  return readServiceEnv('payments', shape, source);
}
