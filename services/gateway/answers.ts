import { z } from 'zod';
import { problemSchema } from '#services/kit/problem';

/** What any route may answer when something behind the gateway fails, or too many come at once, or one too often. */
export const failures = { 429: problemSchema, 502: problemSchema, 503: problemSchema, 504: problemSchema };

/** Any text: what is not an id is unknown like any other. */
export const keySchema = z.string().regex(/^[\x20-\x7e]{1,64}$/, 'expected 1 to 64 printable characters');
export const productKey = keySchema.meta({ example: 'BW-0041' });
