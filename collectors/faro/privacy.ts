import type { Attributes } from '#telemetry/rows';

/** The longest text of one field that is kept, in UTF-16 units; what is cut off is marked. */
const maxTextLength = 8_192;

const absoluteUrl = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?:[^\s/?#@"'<>]*@)?([^\s?#"'<>)\]]*)(?:[?#][^\s"'<>)\]]*)?/gi;
const relativeUrl = /^\/[^\s?#]*[?#]\S*$/;
// Bounded on both sides, so that no text makes it slow.
const email = /[\w.%+-]{1,64}(?:@|%40)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}/gi;
const digitGroups = /(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]*\d)/g;
/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay and Maestro; a Unix time in ms or ns is none. */
const cardIssuer = /^(?:4|5|6|2[2-7]|3[0-9])/;

/** Attributes that say who a user is, by the OpenTelemetry and Faro names; tracing puts them on every span. */
const personal = /^(?:user|enduser)[._]/i;
const queryAttributes = new Set(['url.query', 'url.fragment']);

/** A text as it may be kept: addresses of pages without query and fragment, no e-mail addresses, no card numbers. */
export function cleanText(text: string): string {
  const bounded = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  const cut = relativeUrl.test(bounded)
    ? bounded.slice(0, bounded.search(/[?#]/))
    : bounded.replaceAll(absoluteUrl, '$1$2');
  return cut.replaceAll(email, '[email]').replaceAll(digitGroups, (digits) => (isCard(digits) ? '[card]' : digits));
}

/** The address of a page or a script without credentials, query string and fragment. */
export function cleanUrl(url: string): string {
  return cleanText(url.split(/[?#]/, 1)[0] ?? '');
}

/** Attributes without those that say who the user is, the others cleaned like any text. */
export function cleanAttributes(attributes: Attributes): Attributes {
  const kept = Object.entries(attributes).filter(([name]) => !personal.test(name) && !queryAttributes.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [cleanText(name), cleanText(value)]));
}

/** Luhn's check digit, ISO/IEC 7812-1 annex B. */
function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '');
  if (!cardIssuer.test(digits)) return false;
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (index % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
