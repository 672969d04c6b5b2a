/** IP protocol number, and IPv6 next header, of VRRP: RFC 9568 §5.1.1.4. */
export const vrrpProtocol = 112;

/**
 * What a VRRPv3 checksum over IPv4 covers. RFC 5798 as keepalived, FRR and Wireshark read it
 * includes the pseudo-header; RFC 9568 §5.2.8 and router vendors sum the message alone.
 */
export type ChecksumForm = 'pseudo-header' | 'message';

/** Internet checksum (RFC 1071) of several pieces as if they were one; all but the last even. */
export function internetChecksum(...pieces: readonly Uint8Array[]): number {
  let sum = 0;
  for (const bytes of pieces) {
    const even = bytes.length & ~1;
    for (let at = 0; at < even; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (even !== bytes.length) sum += (bytes[even] ?? 0) << 8;
  }
  // Pieces are packets, at most 64 KiB: the sum stays below 2^31, and folds in two steps.
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** RFC 768 form for IPv4 addresses, RFC 8200 §8.1 form for IPv6. */
export function pseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): Uint8Array {
  const size = source.length;
  const header = new Uint8Array(2 * size + (size === 4 ? 4 : 8));
  header.set(source);
  header.set(destination, size);
  const view = new DataView(header.buffer);
  if (size === 4) {
    header[9] = protocol;
    view.setUint16(10, length);
  } else {
    view.setUint32(32, length);
    header[39] = protocol;
  }
  return header;
}
