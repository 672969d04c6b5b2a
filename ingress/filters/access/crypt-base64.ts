const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** crypt(3)'s own base 64: `count` characters of a number, the lowest six bits first. */
export function cryptBase64(value: number, count: number): string {
  let text = '';
  for (let index = 0; index < count; index += 1)
    text += alphabet[(value >>> (6 * index)) & 63] ?? '';
  return text;
}

/** Three bytes of a digest, by position, as four characters; positions below 0 stand for zero. */
export function cryptTriple(
  digest: Uint8Array,
  a: number,
  b: number,
  c: number,
  count: number = 4,
): string {
  const byte = (at: number): number => (at < 0 ? 0 : (digest[at] ?? 0));
  return cryptBase64((byte(a) << 16) | (byte(b) << 8) | byte(c), count);
}
