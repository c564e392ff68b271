import { randomBytes, randomInt } from 'node:crypto';

/** What must not be found where it does not belong, in the form in which it is planted. */
export type Canaries = {
  /** A number that a card could have. */
  card: string;
  email: string;
  /** For fields of secrets: passwords and tokens of any kind. */
  secret: string;
  /** What stands for a card; payments and the order that waits for its payment may know it. */
  paymentToken: string;
};

/** New ones each time: what an earlier run has left is no finding. */
export function createCanaries(): Canaries {
  const tag = randomBytes(6).toString('hex');
  return {
    card: drawCard(),
    email: `canary-${tag}@example.net`,
    secret: `canary secret ${randomBytes(12).toString('hex')}`,
    paymentToken: `tok_ok_canary${tag}`,
  };
}

/** The forms in which a value may have been written down. */
export function formsOf(value: string): string[] {
  const grouped = /^\d{16}$/.test(value)
    ? [value.replaceAll(/(\d{4})(?=\d)/g, '$1 '), value.replaceAll(/(\d{4})(?=\d)/g, '$1-')]
    : [];
  return [...new Set([value, encodeURIComponent(value), value.replaceAll(' ', '+'), ...grouped])];
}

/** Sixteen digits that begin like a Visa and end with Luhn's check digit (ISO/IEC 7812-1 annex B). */
function drawCard(): string {
  const digits = [4, ...Array.from({ length: 14 }, () => randomInt(10))];
  const sum = digits.reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? 2 * digit : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return [...digits, (10 - (sum % 10)) % 10].join('');
}
