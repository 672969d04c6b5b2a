import { type Name, parseAddress } from '../wire/index.ts';

/** Addresses by prefix, as they are compared. */
export interface Prefix {
  readonly octets: Buffer;
  readonly bits: number;
}

/** Reads `10.0.0.0/8` or a single address; undefined when it is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const octets = parseAddress(address);
  if (!octets || rest.length > 0) return undefined;
  if (length === undefined) return { octets, bits: octets.length * 8 };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return bits <= octets.length * 8 ? { octets, bits } : undefined;
}

/** True when the address, as octets, lies within the prefix. An address of the other family does not. */
export function isInPrefix(address: Uint8Array, { octets, bits }: Prefix): boolean {
  if (address.length !== octets.length) return false;
  for (let i = 0; i < bits; i += 8) {
    const mask = bits - i >= 8 ? 0xff : (0xff << (8 - (bits - i))) & 0xff;
    if (((address[i >> 3] ?? 0) & mask) !== ((octets[i >> 3] ?? 0) & mask)) return false;
  }
  return true;
}

/**
 * The reverse zones that hold a prefix: up to the next octet (IPv4) or nibble (IPv6) boundary, so
 * `10.0.0.0/15` is two zones and `192.168.1.0/25` is 128.
 */
export function reverseZonesOf({ octets, bits }: Prefix): readonly Name[] {
  const isIPv4 = octets.length === 4;
  const unit = isIPv4 ? 8 : 4;
  const labels = isIPv4 ? [...octets] : [...octets].flatMap((octet) => [octet >> 4, octet & 0xf]);
  const whole = Math.ceil(bits / unit);
  const spare = whole * unit - bits;
  const suffix: Name = isIPv4 ? ['in-addr', 'arpa'] : ['ip6', 'arpa'];
  const fixed = labels.slice(0, whole);
  const last = fixed.pop() ?? 0;
  if (whole === 0) return [suffix];
  const first = last & ~((1 << spare) - 1);
  return Array.from({ length: 1 << spare }, (_, n) =>
    [...fixed, first + n]
      .toReversed()
      .map((label) => label.toString(isIPv4 ? 10 : 16))
      .concat(suffix),
  );
}
