/** Unix ms that batch ids count from (2020-01-01). */
const epochMs = 1_577_836_800_000;

/**
 * Makes batch ids: unsigned 64-bit, rising with time, in decimal. 41 bits of milliseconds since 2020, 12 that tell writers
 * apart, 10 to count within a millisecond.
 * @param writer 0 to 4095, drawn at random when a writer starts
 */
export function createBatchIds(writer: number): (nowMs: number) => string {
  let last = -1n;
  return (nowMs) => {
    const first = (BigInt(nowMs - epochMs) << 22n) | (BigInt(writer & 0xfff) << 10n);
    last = first > last ? first : last + 1n;
    return last.toString();
  };
}
