import { addressBytes, addressText } from '../wire/ip-address.ts';
import { AF_INET, AF_INET6 } from './constants.ts';
import { littleEndian } from './socket-address.ts';

/** rtnetlink(7) messages as far as links and addresses need them. Pure. */

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;
const NLM_F_CREATE_OR_REPLACE = 0x500;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const IFA_F_NODAD = 2;
const IFA_F_TENTATIVE = 0x40;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFF_UP = 1;
const IFF_RUNNING = 0x40;
const headerLength = 16;
const forever = 0xffff_ffff;

/** An address as it stands on an interface. */
export interface InterfaceAddress {
  /** Canonical text. */
  readonly address: string;
  readonly prefixLength: number;
}

export type NetlinkMessage =
  | {
      readonly kind: 'link';
      readonly index: number;
      readonly name: string;
      /** Six bytes; empty for links without. */
      readonly mac: Uint8Array;
      /** Turned on, and with carrier. */
      readonly up: boolean;
      readonly present: boolean;
    }
  | {
      readonly kind: 'address';
      readonly index: number;
      readonly address: InterfaceAddress;
      /** Duplicate address detection is not through: it cannot be a source yet. */
      readonly tentative: boolean;
      readonly present: boolean;
    }
  /** `errno` 0: the request was done. */
  | { readonly kind: 'result'; readonly sequence: number; readonly errno: number }
  | { readonly kind: 'done'; readonly sequence: number }
  | { readonly kind: 'other' };

export function dumpRequest(what: 'links' | 'addresses', sequence: number): Uint8Array {
  const type = what === 'links' ? RTM_GETLINK : RTM_GETADDR;
  const body = new Uint8Array(what === 'links' ? 16 : 8);
  return message(type, NLM_F_REQUEST | NLM_F_DUMP, sequence, body);
}

/**
 * Adds an address (again: no error) or takes it away. IPv6 without duplicate address detection,
 * which would keep it unusable for a second; a /128 as deprecated, so that the machine does not
 * choose it as the source of its own connections.
 */
export function addressRequest(
  change: 'add' | 'remove',
  index: number,
  { address, prefixLength }: InterfaceAddress,
  sequence: number,
): Uint8Array {
  const raw = addressBytes(address);
  const isIPv6 = raw.length === 16;
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint8(0, isIPv6 ? AF_INET6 : AF_INET);
  view.setUint8(1, prefixLength);
  view.setUint32(4, index, littleEndian);
  const parts = [head, attribute(IFA_LOCAL, raw), attribute(IFA_ADDRESS, raw)];
  if (change === 'remove') {
    return message(RTM_DELADDR, NLM_F_REQUEST | NLM_F_ACK, sequence, Buffer.concat(parts));
  }
  if (isIPv6) parts.push(attribute(IFA_FLAGS, words(IFA_F_NODAD)));
  if (isIPv6 && prefixLength === 128) {
    // ifa_cacheinfo: preferred 0 s, valid for ever; two stamps that the kernel fills in.
    parts.push(attribute(IFA_CACHEINFO, words(0, forever, 0, 0)));
  }
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE_OR_REPLACE;
  return message(RTM_NEWADDR, flags, sequence, Buffer.concat(parts));
}

/** The messages in what one read gave. Stops at the first that does not fit. */
export function* decodeMessages(bytes: Uint8Array): Generator<NetlinkMessage> {
  let at = 0;
  while (at + headerLength <= bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const length = view.getUint32(0, littleEndian);
    if (length < headerLength || length > view.byteLength) return;
    const type = view.getUint16(4, littleEndian);
    const sequence = view.getUint32(8, littleEndian);
    yield decode(type, sequence, bytes.subarray(at + headerLength, at + length));
    at += (length + 3) & ~3;
  }
}

function decode(type: number, sequence: number, body: Uint8Array): NetlinkMessage {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  switch (type) {
    case NLMSG_DONE:
      return { kind: 'done', sequence };
    case NLMSG_ERROR:
      return body.length < 4
        ? { kind: 'other' }
        : { kind: 'result', sequence, errno: -view.getInt32(0, littleEndian) };
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return body.length < 16 ? { kind: 'other' } : decodeLink(view, body, type === RTM_NEWLINK);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return body.length < 8 ? { kind: 'other' } : decodeAddress(view, body, type === RTM_NEWADDR);
    default:
      return { kind: 'other' };
  }
}

function decodeLink(view: DataView, body: Uint8Array, present: boolean): NetlinkMessage {
  const attributes = readAttributes(body.subarray(16));
  const flags = view.getUint32(8, littleEndian);
  return {
    kind: 'link',
    index: view.getInt32(4, littleEndian),
    name: Buffer.from(attributes.get(IFLA_IFNAME) ?? [])
      .toString('latin1')
      .replace(/\0.*$/s, ''),
    mac: (attributes.get(IFLA_ADDRESS) ?? new Uint8Array()).slice(),
    up: (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) !== 0,
    present,
  };
}

function decodeAddress(view: DataView, body: Uint8Array, present: boolean): NetlinkMessage {
  const attributes = readAttributes(body.subarray(8));
  const raw = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (raw?.length !== 4 && raw?.length !== 16) return { kind: 'other' };
  return {
    kind: 'address',
    index: view.getUint32(4, littleEndian),
    address: { address: addressText(raw), prefixLength: view.getUint8(1) },
    tentative: (view.getUint8(2) & IFA_F_TENTATIVE) !== 0,
    present,
  };
}

function readAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at, littleEndian);
    if (length < 4 || at + length > bytes.length) break;
    found.set(view.getUint16(at + 2, littleEndian), bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return found;
}

function message(type: number, flags: number, sequence: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerLength + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, littleEndian);
  view.setUint16(4, type, littleEndian);
  view.setUint16(6, flags, littleEndian);
  view.setUint32(8, sequence, littleEndian);
  bytes.set(body, headerLength);
  return bytes;
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((4 + value.length + 3) & ~3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, littleEndian);
  view.setUint16(2, type, littleEndian);
  bytes.set(value, 4);
  return bytes;
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, littleEndian);
  return bytes;
}
