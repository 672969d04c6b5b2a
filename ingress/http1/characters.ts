/** Bits of a byte's class, for one lookup per byte. */
export const tokenByte = 1;
export const valueByte = 2;
export const targetByte = 4;

export const horizontalTab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const space = 0x20;
export const colon = 0x3a;

const tokenPunctuation = "!#$%&'*+-.^_`|~";

function classOf(byte: number): number {
  const character = String.fromCharCode(byte);
  const isToken = /[A-Za-z0-9]/.test(character) || tokenPunctuation.includes(character);
  // RFC 9110 §5.5: HTAB, SP, VCHAR and obs-text, which is opaque.
  const isValue = byte === horizontalTab || (byte >= space && byte !== 0x7f);
  // RFC 3986 has no `#` in a request target, and neither spaces nor anything above `~`.
  const isTarget = byte > space && byte < 0x7f && character !== '#';
  return (isToken ? tokenByte : 0) | (isValue ? valueByte : 0) | (isTarget ? targetByte : 0);
}

const classes = Uint8Array.from({ length: 256 }, (_, byte) => classOf(byte));

/** The byte at a position; 0, which no grammar here takes, beyond the end. */
export function byteAt(bytes: Uint8Array, position: number): number {
  return bytes[position] ?? 0;
}

/** Whether a byte belongs to one of the classes in `mask`. */
export function isOf(byte: number, mask: number): boolean {
  return ((classes[byte] ?? 0) & mask) !== 0;
}

/** ASCII letters in lower case; other token bytes do not change. */
export function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
