import type { z } from 'zod';

/** A place in a list, as it is handed out: nobody but who wrote it need understand it. */
export function writeCursor(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place that a cursor stands for; null when this is none. */
export function readCursor<Schema extends z.ZodType>(cursor: string, schema: Schema): z.infer<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}
