import type { IPFamily } from '../../objects/index.ts';
import { etherTypeArp } from '../wire/arp.ts';
import { etherTypeIPv6 } from '../wire/neighbour.ts';
import {
  AF_PACKET,
  nonBlocking,
  PACKET_IGNORE_OUTGOING,
  SO_ATTACH_FILTER,
  SOCK_RAW,
  SOL_PACKET,
  SOL_SOCKET,
} from './constants.ts';
import { addressOf, bind, checked, close, sendto, setsockopt, socket } from './libc.ts';
import { int32, littleEndian, packetAddress } from './socket-address.ts';

/**
 * Sends announcements and probes on one interface, and hears those of others: ARP for IPv4,
 * neighbour advertisements for IPv6. On the wire beside netfilter, so that it sees rivals whose
 * adverts a firewall drops.
 */
export class FrameSocket implements Disposable {
  readonly fd: number;
  readonly #destination: Uint8Array;

  /** @throws LinkError */
  constructor(family: IPFamily, interfaceIndex: number) {
    const etherType = family === 'IPv4' ? etherTypeArp : etherTypeIPv6;
    this.#destination = packetAddress(interfaceIndex, etherType);
    // Protocol 0 hears nothing: the filter stands before bind lets frames in.
    this.fd = checked('socket', socket(AF_PACKET, SOCK_RAW | nonBlocking, 0));
    try {
      const one = int32(1);
      checked('setsockopt', setsockopt(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, one, 4));
      if (family === 'IPv6') attachFilter(this.fd, neighbourAdvertisements);
      checked('bind', bind(this.fd, this.#destination, this.#destination.length));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** A whole Ethernet frame. @throws LinkError */
  send(frame: Uint8Array): void {
    const to = this.#destination;
    checked('sendto', sendto(this.fd, frame, frame.length, 0, to, to.length));
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** Classic BPF: next header ICMPv6, hop limit 255, type 136; all other IPv6 stays in the kernel. */
const neighbourAdvertisements: readonly Instruction[] = [
  [0x30, 0, 0, 20],
  [0x15, 0, 5, 58],
  [0x30, 0, 0, 21],
  [0x15, 0, 3, 255],
  [0x30, 0, 0, 54],
  [0x15, 0, 1, 136],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
];

function attachFilter(fd: number, program: readonly Instruction[]): void {
  const filter = Buffer.alloc(8 * program.length);
  for (const [index, [code, jumpTrue, jumpFalse, operand]] of program.entries()) {
    const view = new DataView(filter.buffer, filter.byteOffset + 8 * index, 8);
    view.setUint16(0, code, littleEndian);
    view.setUint8(2, jumpTrue);
    view.setUint8(3, jumpFalse);
    view.setUint32(4, operand, littleEndian);
  }
  const header = Buffer.alloc(16);
  const view = new DataView(header.buffer, header.byteOffset, 16);
  view.setUint16(0, program.length, littleEndian);
  view.setBigUint64(8, addressOf(filter), littleEndian);
  checked('setsockopt', setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header, header.length));
}
