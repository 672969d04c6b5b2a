import { badRequest } from '../status.ts';

/** One field as it is on the wire: a varint, or bytes. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/** Fields of a message, in order. Protocol Buffers encoding: wire types 0 (varint) and 2 (bytes). */
export class Reader implements Iterable<WireField> {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws ApiError 400 for bytes that are no message */
  *[Symbol.iterator](): Iterator<WireField> {
    while (this.#offset < this.#bytes.length) {
      const tag = Number(this.#varint());
      const number = tag >>> 3;
      switch (tag & 7) {
        case 0:
          yield { number, value: this.#varint() };
          break;
        case 2:
          yield { number, value: this.#take(Number(this.#varint())) };
          break;
        default:
          throw badRequest('the protobuf body has a field of a type that Kubernetes does not use');
      }
    }
  }

  /** Up to ten bytes of seven bits each, the low ones first. */
  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#offset];
      if (byte === undefined) throw truncated();
      this.#offset += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw badRequest('the protobuf body has a number that is too long');
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw truncated();
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }
}

function truncated(): Error {
  return badRequest('the protobuf body ends too early');
}
