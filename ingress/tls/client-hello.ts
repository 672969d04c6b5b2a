/** What the first message of a TLS client tells, as far as it has come. */
export type ClientHello =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' }
  /** `serverName` in lower case; undefined: it asks for none. */
  | { readonly kind: 'hello'; readonly serverName: string | undefined };

const incomplete: ClientHello = { kind: 'incomplete' };
const invalid: ClientHello = { kind: 'invalid' };

const handshakeRecord = 22;
const clientHelloMessage = 1;
/** RFC 8446 §5.1: 2^14 bytes, and a little for what older versions add. */
const maxRecordBytes = 16_640;
/** Two records: key shares of post-quantum groups take 1.2 KiB each, nothing takes ten. */
const maxHelloBytes = 32_768;
const serverNameExtension = 0;

/** Reads the name asked for (SNI, RFC 6066 §3) out of the beginning of a connection. */
export function readClientHello(bytes: Buffer): ClientHello {
  const message = handshakeBytes(bytes);
  if (!Buffer.isBuffer(message)) return message;
  if (message.length < 4) return incomplete;
  if (message[0] !== clientHelloMessage) return invalid;
  const length = message.readUIntBE(1, 3);
  if (length > maxHelloBytes) return invalid;
  if (message.length < 4 + length) return incomplete;
  return readMessage(message.subarray(4, 4 + length));
}

/** What the records hold, without their headers. */
function handshakeBytes(bytes: Buffer): Buffer | ClientHello {
  const parts: Buffer[] = [];
  let position = 0;
  while (position + 5 <= bytes.length) {
    const length = bytes.readUInt16BE(position + 3);
    const isHandshake = bytes[position] === handshakeRecord && bytes[position + 1] === 3;
    if (!isHandshake || length === 0 || length > maxRecordBytes) return invalid;
    parts.push(bytes.subarray(position + 5, position + 5 + length));
    position += 5 + length;
  }
  if (position === 0 && bytes.length > 0 && bytes[0] !== handshakeRecord) return invalid;
  return parts.length === 0 ? incomplete : Buffer.concat(parts);
}

/** RFC 8446 §4.1.2: version, random, session id, cipher suites, compression, extensions. */
function readMessage(message: Buffer): ClientHello {
  const reader = new Reader(message, 2 + 32);
  reader.skip(reader.number(1));
  reader.skip(reader.number(2));
  reader.skip(reader.number(1));
  if (reader.isOver) return reader.isBroken ? invalid : { kind: 'hello', serverName: undefined };
  const end = reader.position + 2 + reader.number(2);
  while (!reader.isBroken && reader.position < end) {
    const type = reader.number(2);
    const length = reader.number(2);
    if (type === serverNameExtension) return readServerName(message, reader.position, length);
    reader.skip(length);
  }
  return reader.isBroken ? invalid : { kind: 'hello', serverName: undefined };
}

/** A list of one name, of type 0: RFC 6066 knows no other. */
function readServerName(message: Buffer, start: number, length: number): ClientHello {
  const reader = new Reader(message.subarray(0, start + length), start + 2);
  const type = reader.number(1);
  const nameLength = reader.number(2);
  const name = message.toString('latin1', reader.position, reader.position + nameLength);
  reader.skip(nameLength);
  const isName = type === 0 && /^[\x21-\x7e]{1,255}$/.test(name);
  if (reader.isBroken || !isName) return invalid;
  return { kind: 'hello', serverName: name.toLowerCase() };
}

/** Reads numbers, and never past the end: `isBroken` tells that it would have had to. */
class Reader {
  position: number;
  isBroken = false;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, position: number) {
    this.#bytes = bytes;
    this.position = position;
    this.#check();
  }

  get isOver(): boolean {
    return this.isBroken || this.position === this.#bytes.length;
  }

  number(size: 1 | 2): number {
    if (this.isBroken || this.position + size > this.#bytes.length) {
      this.isBroken = true;
      return 0;
    }
    const value = this.#bytes.readUIntBE(this.position, size);
    this.position += size;
    return value;
  }

  skip(length: number): void {
    this.position += length;
    this.#check();
  }

  #check(): void {
    if (this.position > this.#bytes.length) this.isBroken = true;
  }
}
