import { IPPROTO_IPV6, IPV6_HOPLIMIT, IPV6_PKTINFO, MSG_DONTWAIT, MSG_TRUNC } from './constants.ts';
import { addressOf, recvmmsg } from './libc.ts';
import { littleEndian } from './socket-address.ts';

/** Messages taken by one call: one call a millisecond is then enough for 32 000 a second. */
const batchSize = 32;
/** 255 IPv6 addresses and the header take 4 088 bytes (RFC 9568 §5.2), the IPv4 header 60 more. */
const bufferSize = 4352;
const nameSize = 28;
/** Room for in6_pktinfo (40) and the hop limit (24) with their headers. */
const controlSize = 128;
// struct mmsghdr on a 64-bit machine: msghdr (56 bytes), length, padding.
const messageSize = 64;

/** One message of a batch. The bytes are valid until the next batch is received. */
export interface ReceivedMessage {
  readonly bytes: Uint8Array;
  /** The sender as a socket address; empty where the socket gives none. */
  readonly name: Uint8Array;
  /** From control messages of IPv6 sockets; undefined elsewhere. */
  readonly hopLimit: number | undefined;
  readonly destination: Uint8Array | undefined;
  /** It was longer than any valid message. */
  readonly truncated: boolean;
}

/** Buffers for `recvmmsg`, made once: receiving allocates nothing that the kernel writes to. */
export class MessageBatch {
  readonly #messages = Buffer.alloc(batchSize * messageSize);
  readonly #vectors = Buffer.alloc(batchSize * 16);
  readonly #names = Buffer.alloc(batchSize * nameSize);
  readonly #controls = Buffer.alloc(batchSize * controlSize);
  readonly #data = Buffer.alloc(batchSize * bufferSize);
  readonly #view: DataView;

  constructor() {
    const { buffer, byteOffset, byteLength } = this.#messages;
    this.#view = new DataView(buffer, byteOffset, byteLength);
    const vectors = new DataView(this.#vectors.buffer, this.#vectors.byteOffset);
    const at = [this.#names, this.#vectors, this.#controls, this.#data].map(addressOf);
    const [names = 0n, vectorsAt = 0n, controls = 0n, data = 0n] = at;
    for (let index = 0; index < batchSize; index += 1) {
      const offset = index * messageSize;
      const step = BigInt(index);
      this.#view.setBigUint64(offset, names + step * BigInt(nameSize), littleEndian);
      this.#view.setBigUint64(offset + 16, vectorsAt + step * 16n, littleEndian);
      this.#view.setBigUint64(offset + 24, 1n, littleEndian);
      this.#view.setBigUint64(offset + 32, controls + step * BigInt(controlSize), littleEndian);
      vectors.setBigUint64(index * 16, data + step * BigInt(bufferSize), littleEndian);
      vectors.setBigUint64(index * 16 + 8, BigInt(bufferSize), littleEndian);
    }
  }

  /** Takes what waits, up to a batch. Errors of the socket count as nothing received. */
  receive(fd: number, take: (message: ReceivedMessage) => void): number {
    for (let index = 0; index < batchSize; index += 1) {
      const offset = index * messageSize;
      this.#view.setUint32(offset + 8, nameSize, littleEndian);
      this.#view.setBigUint64(offset + 40, BigInt(controlSize), littleEndian);
    }
    const count = recvmmsg(fd, this.#messages, batchSize, MSG_DONTWAIT, null);
    for (let index = 0; index < count; index += 1) take(this.#message(index));
    return Math.max(0, count);
  }

  /** True when a call that took `count` may have left some. */
  isFull(count: number): boolean {
    return count === batchSize;
  }

  #message(index: number): ReceivedMessage {
    const offset = index * messageSize;
    const nameLength = this.#view.getUint32(offset + 8, littleEndian);
    const controlLength = Number(this.#view.getBigUint64(offset + 40, littleEndian));
    const flags = this.#view.getInt32(offset + 48, littleEndian);
    const length = this.#view.getUint32(offset + 56, littleEndian);
    const control = this.#controls.subarray(
      index * controlSize,
      index * controlSize + controlLength,
    );
    return {
      bytes: this.#data.subarray(index * bufferSize, index * bufferSize + length),
      name: this.#names.subarray(index * nameSize, index * nameSize + nameLength),
      truncated: (flags & MSG_TRUNC) !== 0,
      ...readControl(control),
    };
  }
}

/** Hop limit and destination out of control messages: cmsghdr, each aligned to 8 bytes. */
function readControl(control: Uint8Array): Pick<ReceivedMessage, 'hopLimit' | 'destination'> {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  let hopLimit: number | undefined;
  let destination: Uint8Array | undefined;
  let at = 0;
  while (at + 16 <= control.length) {
    const length = Number(view.getBigUint64(at, littleEndian));
    if (length < 16 || at + length > control.length) break;
    if (view.getInt32(at + 8, littleEndian) === IPPROTO_IPV6) {
      const type = view.getInt32(at + 12, littleEndian);
      if (type === IPV6_HOPLIMIT) hopLimit = view.getInt32(at + 16, littleEndian);
      if (type === IPV6_PKTINFO) destination = control.slice(at + 16, at + 32);
    }
    at += (length + 7) & ~7;
  }
  return { hopLimit, destination };
}
