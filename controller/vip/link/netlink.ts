import {
  AF_NETLINK,
  nonBlocking,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
} from './constants.ts';
import { bind, checked, close, lastErrno, recv, sendto, setsockopt, socket } from './libc.ts';
import { LinkError } from './link-error.ts';
import {
  addressRequest,
  decodeMessages,
  dumpRequest,
  type InterfaceAddress,
  type NetlinkMessage,
} from './netlink-message.ts';
import { littleEndian } from './socket-address.ts';

const NETLINK_ROUTE = 0;
/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR. */
const watchedGroups = 0x1 | 0x10 | 0x100;
/** The kernel answers at once; this only bounds what a broken one could do to the thread. */
const answerTimeoutSec = 1;
/** Dumps come in pieces of up to 32 KiB. */
const readBufferBytes = 1 << 16;
/** Reads of one wake-up or one answer: far more than any machine has links and addresses. */
const maxReads = 4096;

/** Asks the kernel about links and addresses, changes addresses, and hears what changed. */
export class Netlink implements Disposable {
  /** Readable when links or addresses changed. */
  readonly fd: number;
  readonly #requests: number;
  readonly #buffer = Buffer.alloc(readBufferBytes);
  #sequence = 0;

  /** @throws LinkError */
  constructor() {
    this.#requests = open(SOCK_CLOEXEC, 0);
    const timeout = Buffer.alloc(16);
    timeout.writeBigInt64LE(BigInt(answerTimeoutSec));
    setsockopt(this.#requests, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length);
    this.fd = open(nonBlocking, watchedGroups);
  }

  /** Everything there is now. @throws LinkError */
  *dump(what: 'links' | 'addresses'): Generator<NetlinkMessage> {
    const sequence = this.#next();
    this.#send(dumpRequest(what, sequence));
    for (const message of this.#answers()) {
      if (message.kind === 'done' && message.sequence === sequence) return;
      yield message;
    }
  }

  /** False: it was so already. @throws LinkError */
  change(change: 'add' | 'remove', index: number, address: InterfaceAddress): boolean {
    const sequence = this.#next();
    this.#send(addressRequest(change, index, address, sequence));
    for (const message of this.#answers()) {
      if (message.kind !== 'result' || message.sequence !== sequence) continue;
      if (message.errno === 0) return true;
      const error = new LinkError(`${change} ${address.address}`, message.errno);
      if (error.code === (change === 'add' ? 'EEXIST' : 'EADDRNOTAVAIL')) return false;
      throw error;
    }
    return true;
  }

  /** What changed since the last call. `lost`: too much at once, so dump again. */
  changes(): { readonly messages: readonly NetlinkMessage[]; readonly lost: boolean } {
    const messages: NetlinkMessage[] = [];
    for (let reads = 0; reads < maxReads; reads += 1) {
      const length = recv(this.fd, this.#buffer, readBufferBytes, 0);
      if (length < 0) {
        const { code } = new LinkError('recv', lastErrno());
        return { messages, lost: code === 'ENOBUFS' };
      }
      messages.push(...decodeMessages(this.#buffer.subarray(0, length)));
    }
    return { messages, lost: true };
  }

  [Symbol.dispose](): void {
    close(this.fd);
    close(this.#requests);
  }

  #next(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }

  #send(request: Uint8Array): void {
    checked('netlink', sendto(this.#requests, request, request.length, 0, null, 0));
  }

  *#answers(): Generator<NetlinkMessage> {
    for (let reads = 0; reads < maxReads; reads += 1) {
      const length = checked('netlink', recv(this.#requests, this.#buffer, readBufferBytes, 0));
      yield* decodeMessages(this.#buffer.subarray(0, length));
    }
  }
}

function open(flags: number, groups: number): number {
  const fd = checked('socket', socket(AF_NETLINK, SOCK_RAW | flags, NETLINK_ROUTE));
  const address = Buffer.alloc(12);
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  view.setUint16(0, AF_NETLINK, littleEndian);
  view.setUint32(8, groups, littleEndian);
  if (bind(fd, address, address.length) < 0) {
    const error = new LinkError('bind', lastErrno());
    close(fd);
    throw error;
  }
  return fd;
}
