import type { Random } from '../../../../controller/base/index.ts';
import type {
  Link,
  NetworkInterface,
  ReceivedPacket,
} from '../../../../controller/vip/link/link.ts';
import type { InterfaceAddress } from '../../../../controller/vip/link/netlink-message.ts';
import { Speaker } from '../../../../controller/vip/speaker/speaker.ts';
import type { VirtualRouterSpec } from '../../../../controller/vip/speaker/virtual-router.ts';

/** A virtual router over IPv4 with what tests care about changed. */
export function routerSpec(changes: Partial<VirtualRouterSpec> = {}): VirtualRouterSpec {
  return {
    name: 'web',
    family: 'IPv4',
    interface: 'eth0',
    vrid: 7,
    version: 3,
    priority: 100,
    adverIntervalMs: 1000,
    preempt: true,
    preemptDelayMs: 0,
    addresses: [{ address: '10.0.0.100', prefixLength: 24 }],
    excludedAddresses: [],
    sourceAddress: undefined,
    unicastPeers: undefined,
    password: undefined,
    checksum: 'pseudo-header',
    syncGroup: undefined,
    trackInterfaces: [],
    rivals: 'yield',
    ...changes,
  };
}

/** The interface of a simulated node, and what went out through it. */
export class SimulatedLink implements Link {
  readonly address: string;
  readonly frames: { readonly atMs: number; readonly frame: Uint8Array }[] = [];
  up = true;
  addresses: readonly (InterfaceAddress & { readonly tentative: boolean })[];
  readonly #mac: Uint8Array;
  readonly #send: (packet: ReceivedPacket) => void;
  readonly #nowMs: () => number;

  constructor(host: number, nowMs: () => number, send: (packet: ReceivedPacket) => void) {
    this.address = `10.0.0.${host}`;
    this.addresses = [{ address: this.address, prefixLength: 24, tentative: false }];
    this.#mac = Uint8Array.of(2, 0, 0, 0, 0, host);
    this.#send = send;
    this.#nowMs = nowMs;
  }

  interface(name: string): NetworkInterface | undefined {
    if (name !== 'eth0') return undefined;
    return { index: 2, name, mac: this.#mac, up: this.up, addresses: this.addresses };
  }

  sendAdvert(via: string, source: string, destination: string, payload: Uint8Array): void {
    if (!this.up) return;
    this.#send({ family: 'IPv4', interface: via, source, destination, ttl: 255, payload });
  }

  sendFrame(_via: unknown, frame: Uint8Array): void {
    this.frames.push({ atMs: this.#nowMs(), frame });
  }

  change(change: 'add' | 'remove', _via: string, address: InterfaceAddress): boolean {
    const others = this.addresses.filter((one) => one.address !== address.address);
    this.addresses = change === 'add' ? [...others, { ...address, tentative: false }] : others;
    return true;
  }
}

export interface SimulatedNode {
  readonly link: SimulatedLink;
  readonly spec: VirtualRouterSpec;
  /** Undefined while it is down. */
  speaker: Speaker | undefined;
  /** Its clock runs at this rate; 1 is true time. */
  readonly clockRate: number;
  /** Stopped by SIGSTOP: packets wait. */
  frozen: boolean;
  readonly inbox: ReceivedPacket[];
  /** Nodes hear each other within one part only. */
  part: number;
}

interface Delivery {
  readonly atMs: number;
  readonly to: SimulatedNode;
  readonly packet: ReceivedPacket;
}

/** What a frozen node's socket buffer holds. */
const maxInbox = 256;

/** Nodes on one wire that loses, delays and parts, in simulated time. */
export class SimulatedNetwork {
  nowMs = 0;
  /** Probability that a packet does not arrive. */
  loss = 0;
  readonly maxDelayMs = 5;
  readonly nodes: SimulatedNode[] = [];
  readonly #random: Random;
  #deliveries: Delivery[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add(host: number, spec: VirtualRouterSpec, clockRate: number = 1): SimulatedNode {
    const link = new SimulatedLink(
      host,
      () => this.nowMs,
      (packet) => this.#send(node, packet),
    );
    const node: SimulatedNode = {
      link,
      spec,
      speaker: undefined,
      clockRate,
      frozen: false,
      inbox: [],
      part: 0,
    };
    this.nodes.push(node);
    return node;
  }

  start(node: SimulatedNode): void {
    const reports = { transition() {}, claim() {}, rivals() {}, trouble() {} };
    node.speaker = new Speaker(node.link, () => this.nowMs * node.clockRate, reports);
    node.speaker.apply([node.spec], () => {});
  }

  /** Goodbye and all, or as if the power went. */
  stop(node: SimulatedNode, how: 'gracefully' | 'crash'): void {
    if (how === 'gracefully') node.speaker?.stop();
    node.speaker = undefined;
    node.inbox.length = 0;
    node.link.change('remove', 'eth0', { address: '10.0.0.100', prefixLength: 24 });
  }

  thaw(node: SimulatedNode): void {
    node.frozen = false;
    for (const packet of node.inbox.splice(0)) node.speaker?.packet(packet);
    node.speaker?.run();
  }

  /** Runs until `untilMs`; `observe` is called after each step. */
  run(untilMs: number, observe: () => void): void {
    for (;;) {
      const nextMs = this.#nextMs();
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      const due = this.#deliveries.filter((one) => one.atMs <= this.nowMs);
      this.#deliveries = this.#deliveries.filter((one) => one.atMs > this.nowMs);
      for (const { to, packet } of due) this.#deliver(to, packet);
      for (const node of this.nodes) if (!node.frozen) node.speaker?.run();
      observe();
    }
    this.nowMs = untilMs;
  }

  isActive(node: SimulatedNode): boolean {
    return node.speaker?.status()[0]?.state === 'active';
  }

  #nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { atMs } of this.#deliveries) next = Math.min(next, atMs);
    for (const { speaker, frozen, clockRate } of this.nodes) {
      // A hair later, so that rounding never leaves a timer due for ever.
      if (speaker && !frozen) next = Math.min(next, speaker.nextMs() / clockRate + 1e-6);
    }
    return next;
  }

  #send(from: SimulatedNode, packet: ReceivedPacket): void {
    for (const to of this.nodes) {
      if (to === from || to.part !== from.part || this.#random() < this.loss) continue;
      const payload = packet.payload.slice();
      const atMs = this.nowMs + this.maxDelayMs * this.#random();
      this.#deliveries.push({ atMs, to, packet: { ...packet, payload } });
    }
  }

  #deliver(to: SimulatedNode, packet: ReceivedPacket): void {
    if (!to.speaker || !to.link.up) return;
    if (!to.frozen) to.speaker.packet(packet);
    else if (to.inbox.length < maxInbox) to.inbox.push(packet);
  }
}
