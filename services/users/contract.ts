import { z } from 'zod';
import { defineEvents } from '#services/kit/events/contract';

const emailSchema = z.email().max(254).meta({ example: 'ada@example.com' });
const nameSchema = z.string().trim().min(1).max(80).meta({ example: 'Ada' });
const passwordSchema = z.string().min(10).max(128).meta({ example: 'correct horse battery' });

export const registrationSchema = z
  .strictObject({ email: emailSchema, password: passwordSchema, name: nameSchema })
  .meta({ id: 'Registration' });
export type Registration = z.infer<typeof registrationSchema>;

export const credentialsSchema = z
  .strictObject({ email: emailSchema, password: z.string().min(1).max(128) })
  .meta({ id: 'Credentials' });
export type Credentials = z.infer<typeof credentialsSchema>;

export const accountSchema = z
  .object({ userId: z.uuid(), email: emailSchema, name: nameSchema, createdAt: z.iso.datetime() })
  .meta({ id: 'Account' });
export type Account = z.infer<typeof accountSchema>;

/** An access token (JWT) for minutes, and what gets the next one, for days and once. */
export const tokensSchema = z
  .object({
    userId: z.uuid().meta({ example: '0198f6a2-7c11-7cc0-8a4e-5f0f4f3f6c11' }),
    accessToken: z.string(),
    accessExpiresAt: z.iso.datetime(),
    refreshToken: z.string(),
    refreshExpiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Tokens' });
export type Tokens = z.infer<typeof tokensSchema>;

export const refreshSchema = z
  .strictObject({ refreshToken: z.string().min(20).max(200).meta({ example: 'what-the-last-sign-in-gave' }) })
  .meta({ id: 'Refresh' });

export const newAddressSchema = z
  .strictObject({
    name: nameSchema,
    street: z.string().trim().min(1).max(120).meta({ example: 'Karl-Marx-Allee 1' }),
    postcode: z.string().trim().min(2).max(12).meta({ example: '10178' }),
    city: z.string().trim().min(1).max(80).meta({ example: 'Berlin' }),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'expected a country code of ISO 3166-1 such as DE')
      .meta({ example: 'DE' }),
  })
  .meta({ id: 'NewAddress' });
export type NewAddress = z.infer<typeof newAddressSchema>;

export const addressSchema = newAddressSchema.extend({ addressId: z.uuid() }).meta({ id: 'Address' });
export type Address = z.infer<typeof addressSchema>;
export const addressListSchema = z.object({ items: z.array(addressSchema) }).meta({ id: 'AddressList' });

/** What the access tokens say of themselves (RFC 7519); the gateway insists on all of it. */
export const tokenClaims = { issuer: 'bellwether-users', audience: 'shop', algorithm: 'ES256' } as const;

/** Where the public halves of the signing keys are (RFC 7517). */
export const jwksPath = '/.well-known/jwks.json';

/**
 * What a third party may be allowed to do, in the words of the consent page. What is not named here, such as buying,
 * changing an address or deleting an account, no third party can do.
 */
export const apiScopes = {
  'catalog:read': 'See products, stock, reviews and search results',
  'cart:write': 'See your cart, and put things into it or take them out',
  'orders:read': 'See your orders',
} as const;
export type ApiScope = keyof typeof apiScopes;

/** What third parties' access tokens are (RFC 9068), apart from issuer and audience, which an installation sets. */
export const apiTokens = { algorithm: 'ES256', type: 'at+jwt' } as const;

/** The audience of third parties' tokens: the shop's API at its public address. */
export function apiAudience(issuer: string): string {
  return new URL('/api', issuer).href;
}

/** Where the gateway reads which of these tokens are good no more. */
export const revocationsPath = '/oauth-revocations';

/** `token:<jti>`, `grant:<grant>` or `user:<sub>`, for as long as a token that it concerns might otherwise be good. */
export const revocationsSchema = z
  .object({ revoked: z.array(z.string().meta({ example: 'token:3gYcGlVYJ0o' })) })
  .meta({ id: 'Revocations' });

const userEventSchema = z.object({ userId: z.uuid() });

/** What users publishes: ids only, who needs a name or an address asks for it. */
export const events = defineEvents('users', {
  'user.registered': userEventSchema,
  'user.deleted': userEventSchema,
});
