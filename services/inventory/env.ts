import { z } from 'zod';
import { databaseFields, readServiceEnv, type ServiceEnv } from '#services/kit/env';

const shape = {
  ...databaseFields,
  /** How long stock is held for an order that is neither confirmed nor cancelled. */
  INVENTORY_HOLD_SECONDS: z.coerce.number().int().min(10).max(86_400).default(900),
};

export type InventoryEnv = ServiceEnv & z.infer<z.ZodObject<typeof shape>>;

/** @throws ConfigError naming every bad variable */
export function readEnv(source?: Record<string, string | undefined>): InventoryEnv {
  return readServiceEnv('inventory', shape, source);
}
