/** FNV-1a's offset basis and prime for 32 bits. */
const fnvBasis = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** A 32-bit hash of the text from `start` on: FNV-1a, then scattered. The same on every node. */
export function hashText(text: string, start: number = 0): number {
  let hash = fnvBasis;
  for (let place = start; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), fnvPrime);
  }
  return scatter(hash);
}

/** MurmurHash3's 32-bit finaliser: every bit in flips each bit out with a chance near a half. */
export function scatter(bits: number): number {
  let mixed = bits ^ (bits >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
