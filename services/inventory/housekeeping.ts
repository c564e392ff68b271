import type { Kysely } from 'kysely';
import type { Logger } from '#process/logger';
import { type Repetition, repeat } from '#services/kit/repeat';
import type { InventoryDatabase } from './schema.ts';
import { expireReservations, receiveDeliveries } from './settle.ts';

/** Frees overdue reservations and receives deliveries, every `intervalMs`. */
export function startHousekeeping(options: {
  db: Kysely<InventoryDatabase>;
  now: () => Date;
  intervalMs: number;
  logger: Logger;
  onEvents: () => void;
}): Repetition {
  const { db, now, intervalMs, logger, onEvents } = options;
  async function tidy(): Promise<void> {
    const expired = await expireReservations(db, now());
    if (expired > 0) {
      logger.info({ expired }, 'overdue reservations released');
      onEvents();
    }
    const skus = await receiveDeliveries(db, now());
    if (skus.length > 0) logger.info({ skus }, 'deliveries received');
  }
  return repeat(tidy, { intervalMs, logger, name: 'housekeeping' });
}
