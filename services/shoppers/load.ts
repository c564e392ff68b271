import { z } from 'zod';

/** A flash sale brings so many times the shoppers. */
const flashSaleFactor = 5;

/** A flash sale ends by itself after so long unless said otherwise. */
const flashSaleSeconds = 120;

export const loadRequestSchema = z
  .object({
    ratePerSecond: z.number().min(0).max(500).optional().meta({ example: 20 }),
    mode: z.enum(['normal', 'flash-sale']).optional().meta({ example: 'flash-sale' }),
    forSeconds: z.number().int().min(1).max(3_600).optional().meta({ example: 120 }),
  })
  .meta({ id: 'LoadRequest' });
export type LoadRequest = z.infer<typeof loadRequestSchema>;

export const loadSchema = z
  .object({
    /** Requests per second at the gateway on an ordinary day. */
    ratePerSecond: z.number(),
    mode: z.enum(['normal', 'flash-sale']),
    /** When the flash sale ends. */
    until: z.iso.datetime().nullable(),
    /** Requests per second now. */
    effectiveRatePerSecond: z.number(),
  })
  .meta({ id: 'Load' });

export type Load = { ratePerSecond: number; flashSaleUntilMs: number | null };

/** The load after somebody has asked for another. What they do not mention stays. */
export function changeLoad(load: Load, request: LoadRequest, nowMs: number): Load {
  const ratePerSecond = request.ratePerSecond ?? load.ratePerSecond;
  if (request.mode === 'normal') return { ratePerSecond, flashSaleUntilMs: null };
  if (request.mode === undefined) return { ...load, ratePerSecond };
  return { ratePerSecond, flashSaleUntilMs: nowMs + 1_000 * (request.forSeconds ?? flashSaleSeconds) };
}

/** True while a flash sale lasts. */
export function isFlashSale(load: Load, nowMs: number): boolean {
  return load.flashSaleUntilMs !== null && nowMs < load.flashSaleUntilMs;
}

/** Requests per second that are wanted now. */
export function effectiveRate(load: Load, nowMs: number): number {
  return load.ratePerSecond * (isFlashSale(load, nowMs) ? flashSaleFactor : 1);
}

/** The load as the API shows it. */
export function viewLoad(load: Load, nowMs: number): z.infer<typeof loadSchema> {
  const flashSale = isFlashSale(load, nowMs);
  return {
    ratePerSecond: load.ratePerSecond,
    mode: flashSale ? 'flash-sale' : 'normal',
    until: flashSale && load.flashSaleUntilMs !== null ? new Date(load.flashSaleUntilMs).toISOString() : null,
    effectiveRatePerSecond: effectiveRate(load, nowMs),
  };
}
