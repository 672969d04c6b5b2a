/**
 * As much of SCTP (RFC 9260) as an association's first two packets: this kernel may have no SCTP,
 * and the planes need none to forward it.
 */

const headerBytes = 12;
const INIT = 1;
const INIT_ACK = 2;
const stateCookie = 7;

export interface SctpPacket {
  readonly kind: 'init' | 'initAck';
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly initiateTag: number;
  /** INIT ACK alone: what the server has to say, as its state cookie. */
  readonly text: string;
}

/** `verificationTag`: 0 for INIT, the other side's initiate tag else (§8.5.1). */
export function encodeSctp(packet: SctpPacket, verificationTag: number): Uint8Array {
  const cookie = Buffer.from(packet.text);
  const parameters = packet.kind === 'init' ? 0 : 4 + cookie.length;
  const bytes = Buffer.alloc(headerBytes + 20 + ((parameters + 3) & ~3));
  bytes.writeUInt16BE(packet.sourcePort, 0);
  bytes.writeUInt16BE(packet.destinationPort, 2);
  bytes.writeUInt32BE(verificationTag, 4);
  bytes[12] = packet.kind === 'init' ? INIT : INIT_ACK;
  bytes.writeUInt16BE(20 + parameters, 14);
  bytes.writeUInt32BE(packet.initiateTag, 16);
  bytes.writeUInt32BE(65_536, 20); // a_rwnd
  bytes.writeUInt16BE(1, 24); // outbound streams
  bytes.writeUInt16BE(1, 26); // inbound streams
  if (parameters > 0) {
    bytes.writeUInt16BE(stateCookie, 32);
    bytes.writeUInt16BE(parameters, 34);
    cookie.copy(bytes, 36);
  }
  bytes.writeUInt32LE(crc32c(bytes), 8);
  return bytes;
}

/** Undefined: none of the two packets. The checksum is conntrack's to judge. */
export function decodeSctp(data: Uint8Array): SctpPacket | undefined {
  const bytes = Buffer.from(data);
  if (bytes.length < headerBytes + 20) return undefined;
  const type = bytes[12];
  if (type !== INIT && type !== INIT_ACK) return undefined;
  const length = bytes.length >= 36 ? bytes.readUInt16BE(34) : 4;
  return {
    kind: type === INIT ? 'init' : 'initAck',
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    initiateTag: bytes.readUInt32BE(16),
    text: type === INIT ? '' : bytes.toString('utf8', 36, 32 + length),
  };
}

/** RFC 9260 appendix A: Castagnoli's polynomial, bits in reverse. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
