import { z } from 'zod';
import { paymentTokenSchema } from '#services/payments/contract';

export const sessionSchema = z
  .object({
    token: z.string().meta({ description: 'Send as `authorization: Bearer …`.' }),
    sessionId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;

export const checkoutBodySchema = z
  .strictObject({
    paymentToken: paymentTokenSchema,
    email: z.email().max(254).optional().meta({ example: 'ada@example.com' }),
  })
  .meta({ id: 'Checkout' });

/** The same key for the same purchase: a repetition gets the same answer and charges nothing more. */
export const checkoutHeadersSchema = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\w.:-]{8,128}$/, 'expected 8 to 128 letters, digits and _ . : -')
    .meta({ example: '0198f6a2-7c11-4cc0-8a4e-5f0f4f3f6c12' }),
});

export const signedInSchema = sessionSchema
  .extend({
    userId: z.uuid(),
    refreshToken: z.string().meta({ description: 'Gets the next token, once: POST /api/sign-in/refresh.' }),
    cartMerged: z.boolean().meta({ description: 'False: what is in the guest’s cart has not come along.' }),
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof signedInSchema>;
