import { isIP, SocketAddress } from 'node:net';
import { ConfigError } from '../../base/index.ts';
import type { IPFamily } from '../../objects/index.ts';

/** A block of addresses. Positions count from its first address. */
export interface AddressRange {
  /** As given, for messages. */
  readonly text: string;
  readonly family: IPFamily;
  /** How many positions there are, at most `maxPositions`. */
  readonly size: number;
  /** Canonical text of the address at a position. */
  at(position: number): string;
  /** The position of an address in canonical text; undefined outside. */
  positionOf(address: string): number | undefined;
}

/** As the API server, which uses the first 2^20 addresses of wider IPv6 ranges. */
const maxPositions = 2 ** 20;

/**
 * Reads `127.96.0.0/16`, `fd00::/112`, or a lone address as a range of one.
 * @throws ConfigError `InvalidCIDR`
 */
export function parseAddressRange(text: string): AddressRange {
  const [address = '', prefixText, ...rest] = text.trim().split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  const prefixIsFine = /^\d{1,3}$/.test(prefixText ?? '0') && prefix <= bits;
  if (version === 0 || !prefixIsFine || rest.length > 0) {
    throw new ConfigError('InvalidCIDR', `"${text}" is no CIDR; write 127.96.0.0/16 or fd00::/112`);
  }
  const family = version === 4 ? 'IPv4' : 'IPv6';
  const hostBits = BigInt(bits - prefix);
  const first = (addressToBigInt(address) >> hostBits) << hostBits;
  const size = Math.min(maxPositions, 2 ** (bits - prefix));
  return {
    text,
    family,
    size,
    at: (position) => bigIntToAddress(first + BigInt(position), family),
    positionOf: (other) => {
      if (isIP(other) !== version) return undefined;
      const offset = addressToBigInt(other) - first;
      return offset >= 0n && offset < BigInt(size) ? Number(offset) : undefined;
    },
  };
}

/** One spelling for each address (RFC 5952), so that text can be compared. Not an IP: as it is. */
export function canonicalAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

function addressToBigInt(address: string): bigint {
  if (isIP(address) === 4) {
    return address.split('.').reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  }
  const [head = '', tail] = canonicalAddress(address).split('::');
  const groupsOf = (part: string): string[] => part.split(':').filter(Boolean).flatMap(hexGroups);
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce(
    (sum, group) => (sum << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

/** An embedded IPv4 tail (`::ffff:1.2.3.4`) counts as two groups. */
function hexGroups(group: string): readonly string[] {
  if (!group.includes('.')) return [group];
  const value = addressToBigInt(group);
  return [(value >> 16n).toString(16), (value & 0xffffn).toString(16)];
}

function bigIntToAddress(value: bigint, family: IPFamily): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return canonicalAddress(groups.join(':'));
}
