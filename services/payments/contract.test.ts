import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeCardNumber, paymentIdFor, paymentTokenSchema } from './contract.ts';

describe('card numbers', () => {
  it('are recognised whatever stands between the digits and around them', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 19 });
    fc.assert(
      fc.property(
        digits,
        fc.constantFrom('', ' ', '-', '.'),
        fc.constantFrom('', 'tok_', 'card: '),
        (parts, between, before) => {
          expect(looksLikeCardNumber(`${before}${parts.join(between)} `)).toBe(true);
        },
      ),
    );
  });

  it.each(['tok_ok_visa', 'tok_session_00412', 'ada@example.com', '2026-11-23', '12990'])(
    'are not seen in %s',
    (text) => {
      expect(looksLikeCardNumber(text)).toBe(false);
    },
  );

  it('are not seen in a UUID, however many of its digits are decimal', () => {
    fc.assert(
      fc.property(fc.constantFrom('', 'order-', 'chl_', 'tok_'), fc.uuid(), (before, uuid) => {
        expect(looksLikeCardNumber(`${before}${uuid}`)).toBe(false);
      }),
    );
    expect(looksLikeCardNumber('chl_41111111-1111-4111-8111-111111111111')).toBe(false);
    expect(looksLikeCardNumber('order-41111111-1111-4111-8111-111111111111')).toBe(false);
  });

  it.each(['4111111111111111', 'tok_', 'tok_a b', 'visa'])('or anything else are no payment token: %s', (text) => {
    expect(paymentTokenSchema.safeParse(text).success).toBe(false);
  });
});

describe('paymentIdFor', () => {
  it('names the same payment for the same key, and another for another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(paymentIdFor(one) === paymentIdFor(other)).toBe(one === other);
      }),
    );
  });
});
