import { z } from 'zod';

/** A flash sale brings so many times the shoppers at its peak. */
const flashSaleFactor = 5;

/** They come within so many seconds, and leave within as many at its end; within a quarter of a short sale. */
const rampSeconds = 15;

/** Of the requests of an ordinary day: what crawlers make, sale or not, on top. */
export const crawlerShare = 0.05;

/** And what partners' programs make. */
export const partnerShare = 0.05;

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

export type Load = { ratePerSecond: number; flashSale: { fromMs: number; untilMs: number } | null };

/** The load after somebody has asked for another. What they do not mention stays. */
export function changeLoad(load: Load, request: LoadRequest, nowMs: number): Load {
  const ratePerSecond = request.ratePerSecond ?? load.ratePerSecond;
  if (request.mode === 'normal') return { ratePerSecond, flashSale: null };
  if (request.mode === undefined) return { ...load, ratePerSecond };
  const untilMs = nowMs + 1_000 * (request.forSeconds ?? flashSaleSeconds);
  return { ratePerSecond, flashSale: { fromMs: nowMs, untilMs } };
}

/** True while a flash sale lasts. */
export function isFlashSale(load: Load, nowMs: number): boolean {
  return load.flashSale !== null && nowMs < load.flashSale.untilMs;
}

/** Requests per second that are wanted now: a sale has a rise, a peak and a fall. */
export function effectiveRate(load: Load, nowMs: number): number {
  const { ratePerSecond, flashSale } = load;
  if (flashSale === null || nowMs >= flashSale.untilMs) return ratePerSecond;
  const { fromMs, untilMs } = flashSale;
  const rampMs = Math.min(rampSeconds * 1_000, (untilMs - fromMs) / 4);
  const height = Math.min(1, (nowMs - fromMs) / rampMs, (untilMs - nowMs) / rampMs);
  return ratePerSecond * (1 + (flashSaleFactor - 1) * Math.max(0, height));
}

/** The load as the API shows it. */
export function viewLoad(load: Load, nowMs: number): z.infer<typeof loadSchema> {
  const flashSale = isFlashSale(load, nowMs);
  return {
    ratePerSecond: load.ratePerSecond,
    mode: flashSale ? 'flash-sale' : 'normal',
    until: flashSale && load.flashSale !== null ? new Date(load.flashSale.untilMs).toISOString() : null,
    effectiveRatePerSecond: effectiveRate(load, nowMs),
  };
}
