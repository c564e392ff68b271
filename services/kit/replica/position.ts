/** A place in PostgreSQL's write-ahead log; what was committed before it is seen by who has replayed up to it. */
export type Position = bigint;

/** Later than any: for a write whose place is not known. */
export const unknownPosition: Position = (1n << 64n) - 1n;

/** As PostgreSQL writes it (`16/B374D848`). @returns null for anything else */
export function parsePosition(text: string | undefined): Position | null {
  const [, high, low] = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i.exec(text ?? '') ?? [];
  return high === undefined || low === undefined ? null : (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

export function formatPosition(position: Position): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();
}
