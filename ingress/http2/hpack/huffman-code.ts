/**
 * Bits of the code of each byte, and of EOS behind them, one digit in base 36 each (RFC 7541,
 * Appendix B). The code is canonical: lengths alone determine it.
 */
const lengthDigits =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq' +
  'u';

/** Ends no string, and stands in none (RFC 7541 §5.2). */
export const endOfString = 256;
const longest = 30;

/** One symbol's code. */
export interface HuffmanCode {
  readonly symbol: number;
  /** In the lowest bits. */
  readonly bits: number;
  readonly length: number;
}

/** The codes of all 257 symbols, the shortest first, and within a length in numeric order. */
export function huffmanCodes(): readonly HuffmanCode[] {
  const codes: HuffmanCode[] = [];
  let bits = 0;
  for (let length = 1; length <= longest; length += 1) {
    for (let symbol = 0; symbol <= endOfString; symbol += 1) {
      if (Number.parseInt(lengthDigits.charAt(symbol), 36) !== length) continue;
      codes.push({ symbol, bits, length });
      bits += 1;
    }
    bits *= 2;
  }
  return codes;
}
