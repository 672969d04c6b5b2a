import koffi from 'koffi';
import { addressBytes, addressText } from '../../proxy/compile/address.ts';
import { decodeSctp, encodeSctp, type SctpPacket } from './sctp-wire.ts';

type Call = (...args: readonly (number | Uint8Array | null)[]) => number;

const libc = koffi.load('libc.so.6');
const socket: Call = libc.func('int socket(int domain, int type, int protocol)');
const bind: Call = libc.func('int bind(int fd, const void *address, uint32_t length)');
const connect: Call = libc.func('int connect(int fd, const void *address, uint32_t length)');
const close: Call = libc.func('int close(int fd)');
const sendto: Call = libc.func(
  'long sendto(int fd, const void *data, size_t length, int flags, const void *address, uint32_t addressLength)',
);
const recvfrom: Call = libc.func(
  'long recvfrom(int fd, _Out_ void *data, size_t length, int flags, _Out_ void *address, _Inout_ uint32_t *addressLength)',
);

const AF_INET = 2;
const AF_INET6 = 10;
/** Not blocking, closed in children. */
const SOCK_RAW: number = 3 | 0x800 | 0x8_0000;
const IPPROTO_SCTP = 132;
const ECONNREFUSED = 111;
/** How often it is looked for packets: Node cannot wait for a socket that is not its own. */
const pollMs = 4;

function socketAddress(address: string): Uint8Array {
  const raw = addressBytes(address) ?? new Uint8Array(4);
  const bytes = Buffer.alloc(raw.length === 4 ? 16 : 28);
  bytes.writeUInt16LE(raw.length === 4 ? AF_INET : AF_INET6, 0);
  bytes.set(raw, raw.length === 4 ? 4 : 8);
  return bytes;
}

/** A raw socket for SCTP at one address of this host. */
export class SctpSocket implements Disposable {
  readonly #fd: number;
  readonly #v4: boolean;
  readonly #buffer = new Uint8Array(2048);
  readonly #from = new Uint8Array(28);
  readonly #poll: NodeJS.Timeout;

  constructor(
    address: string | undefined,
    family: 'IPv4' | 'IPv6',
    onPacket: (packet: SctpPacket, from: string) => void,
    onRefused: () => void = () => {},
  ) {
    this.#v4 = family === 'IPv4';
    this.#fd = socket(this.#v4 ? AF_INET : AF_INET6, SOCK_RAW, IPPROTO_SCTP);
    if (this.#fd < 0) throw new Error(`no raw socket: errno ${koffi.errno()}`);
    if (address !== undefined) {
      const own = socketAddress(address);
      if (bind(this.#fd, own, own.length) < 0) throw new Error(`bind: errno ${koffi.errno()}`);
    }
    this.#poll = setInterval(() => this.#receive(onPacket, onRefused), pollMs);
  }

  /** Hears of ICMP errors from then on, and of packets from there alone. */
  connect(address: string): void {
    const other = socketAddress(address);
    if (connect(this.#fd, other, other.length) < 0) {
      throw new Error(`connect: errno ${koffi.errno()}`);
    }
  }

  /** A packet that a rule of this very host drops or refuses is an error here: others tell. */
  send(packet: SctpPacket, verificationTag: number, to: string): void {
    const bytes = encodeSctp(packet, verificationTag);
    const address = socketAddress(to);
    sendto(this.#fd, bytes, bytes.length, 0, address, address.length);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    close(this.#fd);
  }

  #receive(onPacket: (packet: SctpPacket, from: string) => void, onRefused: () => void): void {
    for (let reads = 0; reads < 64; reads += 1) {
      const addressLength = new Uint8Array(Uint32Array.of(this.#from.length).buffer);
      const length = recvfrom(this.#fd, this.#buffer, 2048, 0, this.#from, addressLength);
      if (length < 0) {
        if (koffi.errno() === ECONNREFUSED) onRefused();
        return;
      }
      // IPv4 alone comes with its header, whose length its first byte says (RFC 791 §3.1).
      const start = this.#v4 ? ((this.#buffer[0] ?? 0) & 15) * 4 : 0;
      const packet = decodeSctp(this.#buffer.subarray(start, length));
      const from = this.#v4 ? this.#from.slice(4, 8) : this.#from.slice(8, 24);
      if (packet) onPacket(packet, addressText(from));
    }
  }
}
