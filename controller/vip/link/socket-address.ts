import { addressBytes, addressText } from '../wire/ip-address.ts';
import { AF_INET, AF_INET6, AF_PACKET } from './constants.ts';

/** Structures of the kernel are little-endian on every machine that Node 24 is built for but s390x. */
export const littleEndian = true;

/** An `int` as socket options take it. */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, littleEndian);
  return bytes;
}

/** sockaddr_in or sockaddr_in6. `scopeId`: the interface index, for link-local addresses. */
export function socketAddress(address: string, scopeId: number): Uint8Array {
  const raw = addressBytes(address);
  const bytes = new Uint8Array(raw.length === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, raw.length === 4 ? AF_INET : AF_INET6, littleEndian);
  bytes.set(raw, raw.length === 4 ? 4 : 8);
  if (raw.length === 16) view.setUint32(24, scopeId, littleEndian);
  return bytes;
}

/** The address in a sockaddr_in6. */
export function addressOfSocketAddress6(bytes: Uint8Array): string {
  return addressText(bytes.subarray(8, 24));
}

/** sockaddr_ll: an interface and an Ethernet type. */
export function packetAddress(interfaceIndex: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, littleEndian);
  view.setUint16(2, etherType);
  view.setInt32(4, interfaceIndex, littleEndian);
  return bytes;
}

/** ip_mreqn: group, any local address, interface. */
export function ipv4Membership(group: string, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(addressBytes(group));
  new DataView(bytes.buffer).setInt32(8, interfaceIndex, littleEndian);
  return bytes;
}

/** ipv6_mreq: group, interface. */
export function ipv6Membership(group: string, interfaceIndex: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(addressBytes(group));
  new DataView(bytes.buffer).setUint32(16, interfaceIndex, littleEndian);
  return bytes;
}
