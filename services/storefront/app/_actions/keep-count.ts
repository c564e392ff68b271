import type { Cart } from '#services/cart/contract';
import { currentVisit } from '../../visit.ts';

/** Remembers how many pieces are in the bag: every page shows it, and need not ask. */
export function keepCount({ items }: Pick<Cart, 'items'>): void {
  const { session, keep } = currentVisit();
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0);
  if (session !== null && session.pieces !== pieces) keep({ ...session, pieces });
}
