// Bounded on both sides, so that no text makes it slow.
const email = /[\w.%+-]{1,64}(?:@|%40)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}/gi;
const digitGroups = /(?<![\w.])\d(?:(?:[ +-]|%20)?\d){12,18}(?![\w.]*\d)/g;
/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay and Maestro; a Unix time in ms or ns is none. */
const cardIssuer = /^(?:4|5|6|2[2-7]|3[0-9])/;

/** A text without e-mail addresses and card numbers; parts of addresses of pages (`%40`, `%20`) count too. */
export function hidePersonal(text: string): string {
  return text.replaceAll(email, '[email]').replaceAll(digitGroups, (found) => (isCard(found) ? '[card]' : found));
}

/** Whether somebody has written a card number into a text. */
export function holdsCard(text: string): boolean {
  return (text.match(digitGroups) ?? []).some(isCard);
}

/** Luhn's check digit, ISO/IEC 7812-1 annex B. */
function isCard(text: string): boolean {
  const digits = text.replaceAll('%20', '').replaceAll(/\D/g, '');
  if (!cardIssuer.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
