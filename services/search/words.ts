/** What people type for what the shop calls otherwise. */
const synonyms: Readonly<Record<string, string>> = {
  sweater: 'jumper',
  pullover: 'jumper',
  sneakers: 'trainers',
  pants: 'trousers',
  purse: 'bag',
  handbag: 'bag',
  coat: 'coat',
  tee: 't-shirt',
  tshirt: 't-shirt',
  turtleneck: 'roll-neck',
  raincoat: 'trench',
};

const maxWords = 8;

/** The words of a query, as they are looked for: lower case, each once, in the shop's own terms. */
export function readWords(query: string): string[] {
  const typed =
    query
      .toLowerCase()
      .normalize('NFC')
      .match(/[\p{L}\p{N}]+(?:[-'’][\p{L}\p{N}]+)*/gu) ?? [];
  return [...new Set(typed.map((word) => synonyms[word] ?? word))].slice(0, maxWords);
}
