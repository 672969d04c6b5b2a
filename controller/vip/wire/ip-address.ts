import { isIP } from 'node:net';

/**
 * The bytes of an address, 4 or 16, in network order.
 * @throws TypeError when `text` is no IP address: callers validate what users write
 */
export function addressBytes(text: string): Uint8Array {
  const version = isIP(text);
  if (version === 4) return Uint8Array.from(text.split('.'), Number);
  if (version === 6 && !text.includes('%')) return ipv6Bytes(text);
  throw new TypeError(`not an IP address: ${text}`);
}

/** The canonical text of 4 or 16 bytes: dotted decimal, or RFC 5952. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes);
}

/** One text per address, so that texts can be compared. @throws TypeError as `addressBytes` */
export function canonicalAddress(text: string): string {
  return addressText(addressBytes(text));
}

/** Numeric order of two addresses of one family: negative, 0 or positive. */
export function compareAddresses(left: string, right: string): number {
  return Buffer.compare(addressBytes(left), addressBytes(right));
}

function ipv6Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  // An embedded dotted quad stands for the last two groups.
  const quad = /(?<=:)\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0];
  const hex = quad === undefined ? text : text.replace(quad, quadGroups(quad));
  const [head = '', tail] = hex.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const view = new DataView(bytes.buffer);
  for (const [index, group] of left.entries()) view.setUint16(2 * index, group);
  for (const [index, group] of right.entries()) {
    view.setUint16(2 * (8 - right.length + index), group);
  }
  return bytes;
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function quadGroups(quad: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function ipv6Text(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index));
  const zeros = longestZeroRun(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (zeros.length < 2) return hex(0, 8);
  return `${hex(0, zeros.start)}::${hex(zeros.start + zeros.length, 8)}`;
}

/** The first of the longest runs: RFC 5952 §4.2.3. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
