import { formatAddress } from './address.ts';
import { isWithin, type Name } from './name.ts';

/** The zones that hold the names of addresses. */
export const reverseZones: { readonly IPv4: Name; readonly IPv6: Name } = {
  IPv4: ['in-addr', 'arpa'],
  IPv6: ['ip6', 'arpa'],
};

/** What a name below `in-addr.arpa` or `ip6.arpa` stands for. */
export type ReverseName =
  | { readonly kind: 'address'; readonly octets: Buffer }
  /** The start of an address: a zone of the reverse tree, or a name between two. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'malformed' };

/** The address, in canonical text, that a whole reverse name stands for; undefined: none. */
export function reverseAddress(lower: Name): string | undefined {
  const labels = lower.slice(0, -2);
  const read = isWithin(lower, reverseZones.IPv4)
    ? readIPv4Reverse(labels)
    : isWithin(lower, reverseZones.IPv6)
      ? readIPv6Reverse(labels)
      : undefined;
  return read?.kind === 'address' ? formatAddress(read.octets) : undefined;
}

/** The name that holds the PTR of an address of 4 or 16 octets. */
export function reverseName(octets: Uint8Array): Name {
  if (octets.length === 4) return [...[...octets].toReversed().map(String), ...reverseZones.IPv4];
  const nibbles = [...octets].flatMap((octet) => [octet >> 4, octet & 0xf]);
  return [...nibbles.toReversed().map((nibble) => nibble.toString(16)), ...reverseZones.IPv6];
}

/** Reads the labels left of `in-addr.arpa` (RFC 1035 §3.5), in lower case. */
export function readIPv4Reverse(labels: Name): ReverseName {
  // One spelling each: 01 is another name than 1.
  const wellFormed = labels.every((one) => /^(?:0|[1-9]\d{0,2})$/.test(one) && Number(one) < 256);
  if (!wellFormed || labels.length > 4) return { kind: 'malformed' };
  if (labels.length < 4) return { kind: 'partial' };
  return { kind: 'address', octets: Buffer.from(labels.toReversed().map(Number)) };
}

/** Reads the labels left of `ip6.arpa` (RFC 3596 §2.5), in lower case. */
export function readIPv6Reverse(nibbles: Name): ReverseName {
  const wellFormed = nibbles.every((one) => /^[0-9a-f]$/.test(one));
  if (!wellFormed || nibbles.length > 32) return { kind: 'malformed' };
  if (nibbles.length < 32) return { kind: 'partial' };
  return { kind: 'address', octets: Buffer.from(nibbles.toReversed().join(''), 'hex') };
}
