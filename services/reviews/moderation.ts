/** What a person has to look at before it appears, and why. */
const concerns: readonly { concern: string; pattern: RegExp }[] = [
  { concern: 'contains a link', pattern: /https?:\/\/|www\.|\b[\w-]+\.(?:com|net|org|shop|io|ru)\b/i },
  { concern: 'contains an e-mail address', pattern: /[^\s@]+@[^\s@]+\.[^\s@]+/ },
  { concern: 'contains a telephone number', pattern: /(?:\+|\b00|\b0)[\d\s/().-]{7,}\d/ },
  { concern: 'contains abuse', pattern: /\b(?:scam(?:mers?)?|idiots?|morons?|bastards?|shit\w*|fuck\w*)\b/i },
  { concern: 'shouts', pattern: /^(?=(?:.*\p{Lu}){12})[^\p{Ll}]+$/u },
];

/** Why a text has to wait for a person; null when it may appear at once. */
export function findConcern(title: string, text: string): string | null {
  // Addresses before links: an address has a domain too.
  const found = concerns
    .filter(({ pattern }) => pattern.test(title) || pattern.test(text))
    .map(({ concern }) => concern);
  return found.find((concern) => concern.includes('e-mail')) ?? found[0] ?? null;
}
