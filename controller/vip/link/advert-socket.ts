import type { IPFamily } from '../../objects/index.ts';
import { vrrpProtocol } from '../wire/checksum.ts';
import { addressBytes, addressText } from '../wire/ip-address.ts';
import {
  AF_INET,
  AF_INET6,
  IP_ADD_MEMBERSHIP,
  IP_HDRINCL,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  nonBlocking,
  SO_BINDTODEVICE,
  SO_RCVBUF,
  SOCK_RAW,
  SOL_SOCKET,
} from './constants.ts';
import { bind, checked, close, sendto, setsockopt, socket } from './libc.ts';
import { vrrpGroup } from './groups.ts';
import type { ReceivedPacket } from './link.ts';
import type { ReceivedMessage } from './message-batch.ts';
import {
  addressOfSocketAddress6,
  int32,
  ipv4Membership,
  ipv6Membership,
  socketAddress,
} from './socket-address.ts';

/** Precedence "internetwork control", as routing protocols have it: RFC 791 §3.1. */
const trafficClass = 0xc0;
const ttl = 255;
/** Adverts are some 40 bytes; 1 MiB holds those of thousands of virtual routers. */
const receiveBufferBytes = 1 << 20;

/** Hears and sends adverts of one family on one interface. */
export class AdvertSocket implements Disposable {
  readonly fd: number;
  readonly #family: IPFamily;
  readonly #interface: string;
  readonly #index: number;
  /** IPv6 takes the source from the socket: one of its own for each. */
  readonly #senders = new Map<string, number>();

  /** @throws LinkError */
  constructor(family: IPFamily, interfaceName: string, interfaceIndex: number) {
    this.#family = family;
    this.#interface = interfaceName;
    this.#index = interfaceIndex;
    this.fd = this.#open(receiveBufferBytes);
    try {
      this.#join();
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** @throws LinkError */
  send(source: string, destination: string, payload: Uint8Array): void {
    const to = socketAddress(destination, this.#index);
    if (this.#family === 'IPv4') {
      const packet = ipv4Packet(source, destination, payload);
      checked('sendto', sendto(this.fd, packet, packet.length, 0, to, to.length));
    } else {
      const fd = this.#sender6(source);
      checked('sendto', sendto(fd, payload, payload.length, 0, to, to.length));
    }
  }

  /** Undefined for what no VRRP packet can be. */
  read(message: ReceivedMessage): ReceivedPacket | undefined {
    const common = { family: this.#family, interface: this.#interface };
    if (message.truncated) return undefined;
    if (this.#family === 'IPv6') {
      const { hopLimit, destination } = message;
      if (hopLimit === undefined || !destination || message.name.length < 24) return undefined;
      return {
        ...common,
        source: addressOfSocketAddress6(message.name),
        destination: addressText(destination),
        ttl: hopLimit,
        payload: message.bytes,
      };
    }
    const { bytes } = message;
    const headerLength = ((bytes[0] ?? 0) & 15) * 4;
    if (headerLength < 20 || bytes.length < headerLength) return undefined;
    return {
      ...common,
      source: addressText(bytes.subarray(12, 16)),
      destination: addressText(bytes.subarray(16, 20)),
      ttl: bytes[8] ?? 0,
      payload: bytes.subarray(headerLength),
    };
  }

  /** Forgets the sender of a source that is gone, so that the next send opens one anew. */
  forgetSenders(): void {
    for (const fd of this.#senders.values()) close(fd);
    this.#senders.clear();
  }

  [Symbol.dispose](): void {
    this.forgetSenders();
    close(this.fd);
  }

  #open(receiveBuffer: number): number {
    const domain = this.#family === 'IPv4' ? AF_INET : AF_INET6;
    const fd = checked('socket', socket(domain, SOCK_RAW | nonBlocking, vrrpProtocol));
    try {
      const name = new TextEncoder().encode(`${this.#interface}\0`);
      setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, name);
      setOption(fd, SOL_SOCKET, SO_RCVBUF, int32(receiveBuffer));
      if (this.#family === 'IPv4') {
        setOption(fd, IPPROTO_IP, IP_HDRINCL, int32(1));
        setOption(fd, IPPROTO_IP, IP_MULTICAST_LOOP, int32(0));
        setOption(fd, IPPROTO_IP, IP_MULTICAST_IF, ipv4Membership('0.0.0.0', this.#index));
      } else {
        setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, int32(0));
        setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, int32(this.#index));
        setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int32(ttl));
        setOption(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, int32(ttl));
        setOption(fd, IPPROTO_IPV6, IPV6_TCLASS, int32(trafficClass));
      }
      return fd;
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** Only the group on this interface: not what other programs of the machine joined. */
  #join(): void {
    const group = vrrpGroup[this.#family];
    if (this.#family === 'IPv4') {
      setOption(this.fd, IPPROTO_IP, IP_MULTICAST_ALL, int32(0));
      setOption(this.fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, ipv4Membership(group, this.#index));
    } else {
      setOption(this.fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, int32(0));
      setOption(this.fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, ipv6Membership(group, this.#index));
      setOption(this.fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, int32(1));
      setOption(this.fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, int32(1));
    }
  }

  #sender6(source: string): number {
    const known = this.#senders.get(source);
    if (known !== undefined) return known;
    // It receives too, what nobody reads: the smallest buffer keeps little of it.
    const fd = this.#open(0);
    try {
      const address = socketAddress(source, this.#index);
      checked('bind', bind(fd, address, address.length));
    } catch (error) {
      close(fd);
      throw error;
    }
    this.#senders.set(source, fd);
    return fd;
  }
}

function setOption(fd: number, level: number, name: number, value: Uint8Array): void {
  checked('setsockopt', setsockopt(fd, level, name, value, value.length));
}

/** The kernel fills total length, identification and checksum in: raw(7). */
function ipv4Packet(source: string, destination: string, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  packet[0] = 0x45;
  packet[1] = trafficClass;
  packet[8] = ttl;
  packet[9] = vrrpProtocol;
  packet.set(addressBytes(source), 12);
  packet.set(addressBytes(destination), 16);
  packet.set(payload, 20);
  return packet;
}
