import { isIPv4, isIPv6 } from 'node:net';

/** What the beginning of a connection says by the PROXY protocol. */
export type ProxyHeader =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' }
  /** `length` bytes long. `source` undefined: the real peer counts. */
  | { readonly kind: 'header'; readonly length: number; readonly source: string | undefined };

const incomplete: ProxyHeader = { kind: 'incomplete' };
const invalid: ProxyHeader = { kind: 'invalid' };

const v2Signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const v2FixedBytes = 16;
/** Enough for every TLV that is in use, of 65 535 that could be declared. */
const maxV2Bytes = 4_096;
/** `PROXY TCP6` with two addresses and ports of the greatest length, CRLF included. */
const maxV1Bytes = 107;
const v1Start = Buffer.from('PROXY ', 'latin1');
/** Ports without leading zeros. */
const v1Line = /^PROXY (TCP4|TCP6) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;

/** Reads a header of version 1 or 2. It must be there: whether it is is never guessed. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, v2Signature)) return readV2(bytes);
  return startsLike(bytes, v1Start) ? readV1(bytes) : invalid;
}

/** As far as they have come, the bytes are those. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, maxV1Bytes).indexOf('\r\n', 0, 'latin1');
  if (end < 0) return bytes.length >= maxV1Bytes ? invalid : incomplete;
  const text = bytes.toString('latin1', 0, end);
  const length = end + 2;
  if (/^PROXY UNKNOWN(?: |$)/.test(text)) return { kind: 'header', length, source: undefined };
  const [, family, source = '', destination = '', ...ports] = v1Line.exec(text) ?? [];
  const isAddress = family === 'TCP6' ? isIPv6 : isIPv4;
  const isSound =
    family !== undefined &&
    isAddress(source) &&
    isAddress(destination) &&
    ports.every((port) => Number(port) <= 65_535);
  return isSound ? { kind: 'header', length, source } : invalid;
}

function readV2(bytes: Buffer): ProxyHeader {
  if (bytes.length < v2FixedBytes) return incomplete;
  const versionAndCommand = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const declared = bytes.readUInt16BE(14);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >>> 4 !== 2 || command > 1 || declared > maxV2Bytes) return invalid;
  const length = v2FixedBytes + declared;
  if (bytes.length < length) return incomplete;
  // LOCAL: a health check of the proxy's own, whatever addresses it writes.
  if (command === 0) return { kind: 'header', length, source: undefined };
  switch (family) {
    case 0x11:
      if (declared < 12) return invalid;
      return { kind: 'header', length, source: [...bytes.subarray(16, 20)].join('.') };
    case 0x21:
      if (declared < 36) return invalid;
      return { kind: 'header', length, source: textOfIPv6(bytes.subarray(16, 32)) };
    default:
      // UNSPEC, datagrams, Unix sockets: nothing that a TCP connection could have.
      return { kind: 'header', length, source: undefined };
  }
}

/** Canonical, as the kernel prints it. */
function textOfIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(index * 2).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
