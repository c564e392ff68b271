import { hidePersonal } from '#process/privacy';
import type { Attributes } from '#telemetry/rows';

/** The longest text of one field that is kept, in UTF-16 units; what is cut off is marked. */
const maxTextLength = 8_192;

const absoluteUrl = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?:[^\s/?#@"'<>]*@)?([^\s?#"'<>)\]]*)(?:[?#][^\s"'<>)\]]*)?/gi;
const relativeUrl = /^\/[^\s?#]*[?#]\S*$/;
/** Attributes that say who a user is, by the OpenTelemetry and Faro names; tracing puts them on every span. */
const personal = /^(?:user|enduser)[._]/i;
const queryAttributes = new Set(['url.query', 'url.fragment']);

/** A text as it may be kept: addresses of pages without query and fragment, no e-mail addresses, no card numbers. */
export function cleanText(text: string): string {
  const bounded = text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
  const cut = relativeUrl.test(bounded)
    ? bounded.slice(0, bounded.search(/[?#]/))
    : bounded.replaceAll(absoluteUrl, '$1$2');
  return hidePersonal(cut);
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
