import { isIP } from 'node:net';
import type { IPFamily } from '../../controller/objects/index.ts';

/** The family of an address written without zone or brackets; undefined: it is no address. */
export function familyOf(address: string): IPFamily | undefined {
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'IPv4' : 'IPv6';
}

/**
 * One text for each address, so that texts can be compared: IPv6 as RFC 5952 writes it, IPv4 as
 * it is. Undefined: it is no address, or has a zone.
 */
export function canonicalAddress(address: string): string | undefined {
  const family = familyOf(address);
  if (family !== 'IPv6') return family && address;
  return addressText(ipv6Bytes(address));
}

/** 4 or 16 bytes in network order; undefined: it is no address, or has a zone. */
export function addressBytes(address: string): Uint8Array | undefined {
  const family = familyOf(address);
  if (family === undefined) return undefined;
  return family === 'IPv4' ? ipv4Bytes(address) : ipv6Bytes(address);
}

/** The canonical text of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, place) => groupAt(bytes, place));
  // RFC 5952 §5: the well-known prefix ::ffff:0:0/96 keeps its IPv4 part readable.
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return `::ffff:${bytes.slice(12).join('.')}`;
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':'); // RFC 5952 §4.2.2: `::` never stands for one group
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

const groupAt = (bytes: Uint8Array, place: number): number =>
  ((bytes[place * 2] ?? 0) << 8) | (bytes[place * 2 + 1] ?? 0);

/** The first of the longest (RFC 5952 §4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [place, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: place - length + 1, length };
  }
  return best;
}

function ipv4Bytes(address: string): Uint8Array {
  return Uint8Array.from(address.split('.'), Number);
}

/** `address` is valid: `isIP` said so. */
function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail] = address.split('::');
  const front = groupBytes(head);
  const back = groupBytes(tail ?? '');
  const bytes = new Uint8Array(16);
  bytes.set(front);
  bytes.set(back, 16 - back.length);
  return bytes;
}

/** The bytes of `a:b:c` or `a:b:1.2.3.4`. */
function groupBytes(groups: string): readonly number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return [...ipv4Bytes(group)];
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
