import { internetChecksum, pseudoHeader } from './checksum.ts';
import { addressBytes, addressText } from './ip-address.ts';

export const etherTypeIPv6 = 0x86dd;
const icmpv6 = 58;
const typeSolicitation = 135;
const typeAdvertisement = 136;
/** Ethernet, IPv6 header, and the fixed part of both messages (RFC 4861 §4.3, §4.4). */
const icmpAt = 54;
const optionsAt = icmpAt + 24;
const optionLength = 8;
const optionTargetMac = 2;

/** An unsolicited neighbour advertisement as far as ownership of an address shows in it. */
export interface NeighbourAdvertisement {
  readonly senderMac: Uint8Array;
  readonly target: string;
}

/**
 * A whole Ethernet frame by which the holder of `address` tells all nodes its MAC: RFC 4861 §7.2.6.
 * Override is set, so that caches change; Router says that this machine forwards.
 */
export function unsolicitedAdvertisement(
  mac: Uint8Array,
  address: string,
  router: boolean,
): Uint8Array {
  const frame = ipv6Frame(mac, address, 'ff02::1', 24 + optionLength);
  frame[icmpAt] = typeAdvertisement;
  frame[icmpAt + 4] = router ? 0xa0 : 0x20;
  frame.set(addressBytes(address), icmpAt + 8);
  frame[optionsAt] = optionTargetMac;
  frame[optionsAt + 1] = optionLength / 8;
  frame.set(mac, optionsAt + 2);
  return sealed(frame);
}

/**
 * A whole frame that asks who holds `address` without claiming it: from `::`, as duplicate address
 * detection does (RFC 4862 §5.4.2), so that the answer goes to all nodes.
 */
export function solicitationProbe(mac: Uint8Array, address: string): Uint8Array {
  const target = addressBytes(address);
  const solicitedNode = addressBytes('ff02::1:ff00:0');
  solicitedNode.set(target.subarray(13), 13);
  const frame = ipv6Frame(mac, '::', addressText(solicitedNode), 24);
  frame[icmpAt] = typeSolicitation;
  frame.set(target, icmpAt + 8);
  return sealed(frame);
}

/** Undefined for any other frame, and for one that RFC 4861 §7.1.2 has dropped. */
export function decodeNeighbourAdvertisement(
  frame: Uint8Array,
): NeighbourAdvertisement | undefined {
  if (frame.length < optionsAt) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const length = view.getUint16(18);
  const fits =
    view.getUint16(12) === etherTypeIPv6 &&
    frame[20] === icmpv6 &&
    frame[21] === 255 &&
    frame[icmpAt] === typeAdvertisement &&
    frame[icmpAt + 1] === 0 &&
    length >= 24 &&
    frame.length >= icmpAt + length;
  if (!fits || icmpChecksum(frame, length) !== 0) return undefined;
  const target = addressText(frame.subarray(icmpAt + 8, icmpAt + 24));
  const option = targetMacOption(frame.subarray(optionsAt, icmpAt + length));
  return { senderMac: option ?? frame.slice(6, 12), target };
}

function targetMacOption(options: Uint8Array): Uint8Array | undefined {
  let at = 0;
  while (at + optionLength <= options.length) {
    const length = 8 * (options[at + 1] ?? 0);
    if (length === 0) return undefined;
    if (options[at] === optionTargetMac) return options.slice(at + 2, at + 8);
    at += length;
  }
  return undefined;
}

/** Destinations are multicast: their MAC is 33:33 and the last four bytes (RFC 2464 §7). */
function ipv6Frame(
  mac: Uint8Array,
  source: string,
  destination: string,
  payloadLength: number,
): Uint8Array {
  const frame = new Uint8Array(icmpAt + payloadLength);
  const view = new DataView(frame.buffer);
  const group = addressBytes(destination);
  frame.set([0x33, 0x33, ...group.subarray(12)]);
  frame.set(mac, 6);
  view.setUint16(12, etherTypeIPv6);
  frame[14] = 0x60;
  view.setUint16(18, payloadLength);
  frame[20] = icmpv6;
  frame[21] = 255;
  frame.set(addressBytes(source), 22);
  frame.set(group, 38);
  return frame;
}

function sealed(frame: Uint8Array): Uint8Array {
  const checksum = icmpChecksum(frame, frame.length - icmpAt);
  new DataView(frame.buffer).setUint16(icmpAt + 2, checksum);
  return frame;
}

function icmpChecksum(frame: Uint8Array, length: number): number {
  const header = pseudoHeader(frame.subarray(22, 38), frame.subarray(38, 54), icmpv6, length);
  return internetChecksum(header, frame.subarray(icmpAt, icmpAt + length));
}
