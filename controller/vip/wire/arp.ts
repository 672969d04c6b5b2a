import { addressBytes, addressText } from './ip-address.ts';

export const etherTypeArp = 0x0806;
export const broadcastMac: Uint8Array = new Uint8Array(6).fill(0xff);

const frameLength = 42;
const opcodeRequest = 1;
const opcodeReply = 2;

/** An ARP packet (RFC 826) for IPv4 over Ethernet, as far as ownership of an address shows in it. */
export interface ArpPacket {
  readonly kind: 'request' | 'reply';
  /** Six bytes. */
  readonly senderMac: Uint8Array;
  readonly sender: string;
  readonly target: string;
}

/**
 * A whole Ethernet frame by which the holder of `address` tells everybody its MAC. Some switches
 * and hosts honour the request form only, others the reply form: RFC 5227 §3 has the reasons.
 */
export function gratuitousArp(
  kind: 'request' | 'reply',
  mac: Uint8Array,
  address: string,
): Uint8Array {
  return arpFrame(kind, mac, address, broadcastMac, address);
}

/** A whole frame that asks who holds `address` without claiming anything: RFC 5227 §2.1.1. */
export function arpProbe(mac: Uint8Array, address: string): Uint8Array {
  return arpFrame('request', mac, '0.0.0.0', new Uint8Array(6), address);
}

/** Undefined for any other frame, padded ones included as valid. */
export function decodeArp(frame: Uint8Array): ArpPacket | undefined {
  if (frame.length < frameLength) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  // Hardware Ethernet (1), protocol IPv4, address lengths 6 and 4.
  const fits =
    view.getUint16(12) === etherTypeArp &&
    view.getUint32(14) === 0x0001_0800 &&
    view.getUint16(18) === 0x0604;
  const opcode = view.getUint16(20);
  if (!fits || (opcode !== opcodeRequest && opcode !== opcodeReply)) return undefined;
  return {
    kind: opcode === opcodeRequest ? 'request' : 'reply',
    senderMac: frame.slice(22, 28),
    sender: addressText(frame.subarray(28, 32)),
    target: addressText(frame.subarray(38, 42)),
  };
}

function arpFrame(
  kind: 'request' | 'reply',
  mac: Uint8Array,
  sender: string,
  targetMac: Uint8Array,
  target: string,
): Uint8Array {
  const frame = new Uint8Array(frameLength);
  const view = new DataView(frame.buffer);
  frame.set(broadcastMac);
  frame.set(mac, 6);
  view.setUint16(12, etherTypeArp);
  view.setUint32(14, 0x0001_0800);
  view.setUint16(18, 0x0604);
  view.setUint16(20, kind === 'request' ? opcodeRequest : opcodeReply);
  frame.set(mac, 22);
  frame.set(addressBytes(sender), 28);
  frame.set(targetMac, 32);
  frame.set(addressBytes(target), 38);
  return frame;
}
