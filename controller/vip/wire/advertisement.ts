import type { IPFamily } from '../../objects/index.ts';
import { type ChecksumForm, internetChecksum, pseudoHeader, vrrpProtocol } from './checksum.ts';
import { addressBytes, addressText } from './ip-address.ts';

export type VrrpVersion = 2 | 3;

/** The password of RFC 2338 §5.3.6, type 1: eight bytes in clear, zero-padded. */
export const passwordLength = 8;

/** Authentication of VRRPv2. Type 2 (IP authentication header) is named so that it can be refused. */
export type Authentication =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly password: Uint8Array }
  | { readonly kind: 'unsupported'; readonly type: number };

/** An ADVERTISEMENT, the only type of VRRP packet: RFC 9568 §5.2, RFC 3768 §5.3. */
export interface Advertisement {
  readonly version: VrrpVersion;
  /** 1–255. */
  readonly vrid: number;
  /** 0: the sender gives up. 255: it owns the addresses. */
  readonly priority: number;
  /** Between adverts: whole seconds up to 255 in version 2, centiseconds up to 40.95 s in 3. */
  readonly intervalMs: number;
  /** Canonical texts, all of the family of the packet. */
  readonly addresses: readonly string[];
  /** Always `none` in version 3. */
  readonly authentication: Authentication;
}

/** Both ends, as the pseudo-header has them. Multicast: the destination is the group. */
export interface PacketPath {
  readonly family: IPFamily;
  readonly source: string;
  readonly destination: string;
}

/** Why bytes are no advertisement, in the words of the metric label `reason`. */
export type MalformedReason = 'length' | 'version' | 'type' | 'vrid' | 'interval' | 'checksum';

export type DecodedAdvertisement =
  | { readonly kind: 'advertisement'; readonly advert: Advertisement; readonly form: ChecksumForm }
  | { readonly kind: 'malformed'; readonly reason: MalformedReason };

const headerLength = 8;
const typeAdvertisement = 1;
const checksumAt = 6;

/**
 * The bytes of an advertisement with its checksum in place. `form` matters to version 3 over IPv4
 * alone: version 2 never has a pseudo-header, and IPv6 always has.
 * @throws TypeError when an address is none
 */
export function encodeAdvertisement(
  advert: Advertisement,
  path: PacketPath,
  form: ChecksumForm = 'pseudo-header',
): Uint8Array {
  const size = path.family === 'IPv4' ? 4 : 16;
  const trailer = advert.version === 2 ? passwordLength : 0;
  const bytes = new Uint8Array(headerLength + size * advert.addresses.length + trailer);
  const view = new DataView(bytes.buffer);
  bytes[0] = (advert.version << 4) | typeAdvertisement;
  bytes[1] = advert.vrid;
  bytes[2] = advert.priority;
  bytes[3] = advert.addresses.length;
  if (advert.version === 2) bytes[5] = Math.round(advert.intervalMs / 1000);
  else view.setUint16(4, Math.round(advert.intervalMs / 10));
  for (const [index, address] of advert.addresses.entries()) {
    bytes.set(addressBytes(address), headerLength + size * index);
  }
  if (advert.version === 2) writeAuthentication(bytes, advert.authentication);
  view.setUint16(checksumAt, checksum(bytes, path, formOf(advert.version, path.family, form)));
  return bytes;
}

/** Reads one packet without its IP header. Never throws, and never looks past the end. */
export function decodeAdvertisement(bytes: Uint8Array, path: PacketPath): DecodedAdvertisement {
  if (bytes.length < headerLength) return malformed('length');
  const [first = 0, vrid = 0, priority = 0, count = 0] = bytes;
  const version = first >> 4;
  if (version !== 3 && (version !== 2 || path.family === 'IPv6')) return malformed('version');
  if ((first & 15) !== typeAdvertisement) return malformed('type');
  const size = path.family === 'IPv4' ? 4 : 16;
  const trailer = version === 2 ? passwordLength : 0;
  if (bytes.length !== headerLength + size * count + trailer) return malformed('length');
  if (vrid === 0) return malformed('vrid');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // The four bits above the interval are reserved: ignored on receipt (RFC 9568 §5.2.6).
  const intervalMs = version === 2 ? view.getUint8(5) * 1000 : (view.getUint16(4) & 0xfff) * 10;
  if (intervalMs === 0) return malformed('interval');
  const form = verifiedForm(bytes, path, version);
  if (form === undefined) return malformed('checksum');
  const addresses = Array.from({ length: count }, (_, index) =>
    addressText(bytes.subarray(headerLength + size * index, headerLength + size * (index + 1))),
  );
  const authentication: Authentication =
    version === 2 ? readAuthentication(bytes) : { kind: 'none' };
  const advert = { version, vrid, priority, intervalMs, addresses, authentication } as const;
  return { kind: 'advertisement', advert, form };
}

function malformed(reason: MalformedReason): DecodedAdvertisement {
  return { kind: 'malformed', reason };
}

function formOf(version: VrrpVersion, family: IPFamily, form: ChecksumForm): ChecksumForm {
  if (version === 2) return 'message';
  return family === 'IPv6' ? 'pseudo-header' : form;
}

/** Either form is right for version 3 over IPv4, since both are in use and neither is announced. */
function verifiedForm(
  bytes: Uint8Array,
  path: PacketPath,
  version: VrrpVersion,
): ChecksumForm | undefined {
  const first = formOf(version, path.family, 'pseudo-header');
  // Over a message that holds its own checksum, the sum comes out as 0.
  if (checksum(bytes, path, first) === 0) return first;
  const either = version === 3 && path.family === 'IPv4';
  return either && checksum(bytes, path, 'message') === 0 ? 'message' : undefined;
}

function checksum(bytes: Uint8Array, path: PacketPath, form: ChecksumForm): number {
  if (form === 'message') return internetChecksum(bytes);
  const source = addressBytes(path.source);
  const destination = addressBytes(path.destination);
  return internetChecksum(pseudoHeader(source, destination, vrrpProtocol, bytes.length), bytes);
}

function writeAuthentication(bytes: Uint8Array, authentication: Authentication): void {
  if (authentication.kind !== 'password') return;
  bytes[4] = 1;
  const password = authentication.password.subarray(0, passwordLength);
  bytes.set(password, bytes.length - passwordLength);
}

function readAuthentication(bytes: Uint8Array): Authentication {
  const type = bytes[4] ?? 0;
  if (type === 0) return { kind: 'none' };
  if (type !== 1) return { kind: 'unsupported', type };
  return { kind: 'password', password: bytes.slice(bytes.length - passwordLength) };
}
