/**
 * SipHash-2-4 with a result of 64 bits (Aumasson and Bernstein, 2012): what RFC 9018 §4.4 makes
 * server cookies with. `key`: 16 octets. Words of 64 bits are pairs of 32, low half first.
 */
export function sipHash24(key: Buffer, message: Buffer): Buffer {
  const k = [0, 4, 8, 12].map((at) => key.readUInt32LE(at));
  const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = k;
  // The constants spell "somepseudorandomlygeneratedbytes".
  const v = Uint32Array.of(
    k0 ^ 0x70736575,
    k1 ^ 0x736f6d65,
    k2 ^ 0x6e646f6d,
    k3 ^ 0x646f7261,
    k0 ^ 0x6e657261,
    k1 ^ 0x6c796765,
    k2 ^ 0x79746573,
    k3 ^ 0x74656462,
  );
  const whole = message.length - (message.length % 8);
  for (let at = 0; at < whole; at += 8) {
    compress(v, message.readUInt32LE(at), message.readUInt32LE(at + 4));
  }
  const last = Buffer.alloc(8);
  message.copy(last, 0, whole);
  last[7] = message.length & 0xff;
  compress(v, last.readUInt32LE(0), last.readUInt32LE(4));
  v[4] = (v[4] ?? 0) ^ 0xff;
  for (let i = 0; i < 4; i += 1) round(v);
  const hash = Buffer.alloc(8);
  hash.writeUInt32LE(word(v, 0) >>> 0, 0);
  hash.writeUInt32LE(word(v, 1) >>> 0, 4);
  return hash;
}

function word(v: Uint32Array, half: 0 | 1): number {
  return (v[half] ?? 0) ^ (v[2 + half] ?? 0) ^ (v[4 + half] ?? 0) ^ (v[6 + half] ?? 0);
}

function compress(v: Uint32Array, low: number, high: number): void {
  v[6] = (v[6] ?? 0) ^ low;
  v[7] = (v[7] ?? 0) ^ high;
  round(v);
  round(v);
  v[0] = (v[0] ?? 0) ^ low;
  v[1] = (v[1] ?? 0) ^ high;
}

function round(v: Uint32Array): void {
  mix(v, 0, 2, 13);
  rotate(v, 0, 32);
  mix(v, 4, 6, 16);
  mix(v, 0, 6, 21);
  mix(v, 4, 2, 17);
  rotate(v, 4, 32);
}

/** `a += b; b = rotate(b, bits) ^ a`, on the words that start at these halves. */
function mix(v: Uint32Array, a: number, b: number, bits: number): void {
  const low = (v[a] ?? 0) + (v[b] ?? 0);
  v[a] = low;
  v[a + 1] = (v[a + 1] ?? 0) + (v[b + 1] ?? 0) + (low > 0xffff_ffff ? 1 : 0);
  rotate(v, b, bits);
  v[b] = (v[b] ?? 0) ^ (v[a] ?? 0);
  v[b + 1] = (v[b + 1] ?? 0) ^ (v[a + 1] ?? 0);
}

/** To the left, by at most 32. */
function rotate(v: Uint32Array, at: number, bits: number): void {
  const low = v[at] ?? 0;
  const high = v[at + 1] ?? 0;
  if (bits === 32) {
    v[at] = high;
    v[at + 1] = low;
    return;
  }
  v[at] = (low << bits) | (high >>> (32 - bits));
  v[at + 1] = (high << bits) | (low >>> (32 - bits));
}
