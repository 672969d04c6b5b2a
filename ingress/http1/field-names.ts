import { byteAt, lowerCase } from './characters.ts';

/**
 * Names that the proxy looks at, by a small number each. All others are `field.other` and pass
 * as they are.
 */
export const field = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  expect: 5,
  upgrade: 6,
  via: 7,
  forwardedFor: 8,
  forwardedProto: 9,
  forwardedHost: 10,
  forwardedPort: 11,
  requestId: 12,
  userAgent: 13,
  cookie: 14,
  date: 15,
  server: 16,
  strictTransportSecurity: 17,
  proxyAuthenticate: 18,
  /** Belongs to one connection, and never passes (RFC 9110 §7.6.1). */
  hopByHop: 19,
  /** Set by the proxy from what it knows: a client's own would be taken for the proxy's. */
  owned: 20,
  authorization: 21,
  keepAlive: 22,
  te: 23,
  trailer: 24,
  maxForwards: 25,
  forwarded: 26,
  traceParent: 27,
  referer: 28,
} as const;

const known: ReadonlyMap<string, number> = new Map([
  ['host', field.host],
  ['connection', field.connection],
  ['content-length', field.contentLength],
  ['transfer-encoding', field.transferEncoding],
  ['expect', field.expect],
  ['upgrade', field.upgrade],
  ['via', field.via],
  ['x-forwarded-for', field.forwardedFor],
  ['x-forwarded-proto', field.forwardedProto],
  ['x-forwarded-host', field.forwardedHost],
  ['x-forwarded-port', field.forwardedPort],
  ['x-request-id', field.requestId],
  ['user-agent', field.userAgent],
  ['cookie', field.cookie],
  ['date', field.date],
  ['server', field.server],
  ['strict-transport-security', field.strictTransportSecurity],
  ['proxy-authenticate', field.proxyAuthenticate],
  ['authorization', field.authorization],
  ['keep-alive', field.keepAlive],
  ['te', field.te],
  ['trailer', field.trailer],
  ['max-forwards', field.maxForwards],
  ['forwarded', field.forwarded],
  ['traceparent', field.traceParent],
  ['referer', field.referer],
  ...['proxy-connection', 'http2-settings'].map((name) => [name, field.hopByHop] as const),
  ...[
    'proxy',
    'proxy-authorization',
    'x-forwarded-scheme',
    'x-original-forwarded-for',
    'x-real-ip',
    'x-scheme',
  ].map((name) => [name, field.owned] as const),
]);

/** Power of two, several times the number of names: most probes end at once. */
const slotCount = 256;
const slots: (Uint8Array | undefined)[] = Array.from({ length: slotCount });
const slotIds = new Uint8Array(slotCount);

/** One step of the hash that is taken while a name is scanned; case does not matter. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + (byte | 0x20)) | 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (slotCount - 1);
}

for (const [name, id] of known) {
  const bytes = Uint8Array.from(Buffer.from(name, 'latin1'));
  let slot = slotOf(bytes.reduce(hashStep, 0));
  while (slots[slot] !== undefined) slot = (slot + 1) & (slotCount - 1);
  slots[slot] = bytes;
  slotIds[slot] = id;
}

/** The number of the name at `start` to `end`, whose `hashStep` hash is `hash`. */
export function fieldOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
  let slot = slotOf(hash);
  for (;;) {
    const name = slots[slot];
    if (name === undefined) return field.other;
    if (equalsName(bytes, start, end, name)) return byteAt(slotIds, slot);
    slot = (slot + 1) & (slotCount - 1);
  }
}

function equalsName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (lowerCase(byteAt(bytes, start + index)) !== byteAt(name, index)) return false;
  }
  return true;
}
