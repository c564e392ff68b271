import type { ReservationLine, Stock } from './contract.ts';

/** Pieces of every SKU at first, and after each delivery. */
export const fullStock = 60;

/** At or below this many pieces a SKU is low, and a delivery is ordered. */
const lowStock = 12;

/** Seconds between ordering a delivery and its arrival. */
export const deliverySeconds = 90;

/** Word for a number of pieces. */
export function stockStatus(available: number): Stock['status'] {
  if (available <= 0) return 'out_of_stock';
  return available <= lowStock ? 'low' : 'in_stock';
}

/** True when taking `taken` pieces brought a SKU from enough to low: the moment to order a delivery, once. */
export function becameLow({ availableAfter, taken }: { availableAfter: number; taken: number }): boolean {
  return availableAfter <= lowStock && availableAfter + taken > lowStock;
}

/**
 * One line per SKU, sorted by SKU: the order in which rows are locked, so that two buyers with the same things in
 * different order cannot wait for each other.
 */
export function mergeLines(lines: readonly ReservationLine[]): ReservationLine[] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .sort((a, b) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0));
}
