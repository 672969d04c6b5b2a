import type { IPFamily } from '../../objects/index.ts';
import { AdvertSocket } from './advert-socket.ts';
import { POLLIN } from './constants.ts';
import { FrameSocket } from './frame-socket.ts';
import { Interfaces } from './interfaces.ts';
import { ppoll } from './libc.ts';
import { LinkError } from './link-error.ts';
import type { Link, LinkListener, LinkUse, NetworkInterface } from './link.ts';
import { MessageBatch } from './message-batch.ts';
import { Netlink } from './netlink.ts';
import type { InterfaceAddress } from './netlink-message.ts';

/**
 * Batches taken from one socket per wake-up: a flood must not keep timers from firing. Together
 * with the batch size, 2 048 packets.
 */
const maxBatches = 64;

interface Sockets {
  readonly use: LinkUse;
  readonly index: number;
  readonly adverts: AdvertSocket;
  readonly frames: FrameSocket;
}

/** The network of this machine, or of the namespace that the process is in. */
export class LinuxLink implements Link, Disposable {
  readonly #netlink = new Netlink();
  readonly #interfaces = new Interfaces();
  readonly #batch = new MessageBatch();
  readonly #sockets = new Map<string, Sockets>();
  readonly #wakeFd: number;
  #poll = Buffer.alloc(0);
  #polled: readonly ((listener: LinkListener) => void)[] = [];

  /**
   * `wakeFd` ends a wait when it becomes readable.
   * @throws LinkError `EPERM` without CAP_NET_RAW, and what else the kernel says
   */
  constructor(wakeFd: number) {
    this.#wakeFd = wakeFd;
    this.#dump();
    this.#watch();
  }

  interface(name: string): NetworkInterface | undefined {
    return this.#interfaces.named(name);
  }

  /**
   * Opens what `uses` needs and closes the rest. Interfaces that are not there are left out until
   * the next call. Gives what could not be opened.
   */
  listen(uses: readonly LinkUse[]): readonly LinkError[] {
    const errors: LinkError[] = [];
    const wanted = new Map(uses.map((use) => [keyOf(use), use]));
    for (const [key, sockets] of this.#sockets) {
      const current = this.interface(sockets.use.interface)?.index;
      if (wanted.has(key) && current === sockets.index) continue;
      closeSockets(sockets);
      this.#sockets.delete(key);
    }
    for (const [key, use] of wanted) {
      const index = this.interface(use.interface)?.index;
      if (index === undefined || this.#sockets.has(key)) continue;
      try {
        this.#sockets.set(key, openSockets(use, index));
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        errors.push(error);
      }
    }
    this.#watch();
    return errors;
  }

  sendAdvert(via: string, source: string, destination: string, payload: Uint8Array): void {
    const family = destination.includes(':') ? 'IPv6' : 'IPv4';
    this.#socketsFor({ interface: via, family }).adverts.send(source, destination, payload);
  }

  sendFrame(via: LinkUse, frame: Uint8Array): void {
    this.#socketsFor(via).frames.send(frame);
  }

  change(change: 'add' | 'remove', via: string, address: InterfaceAddress): boolean {
    const found = this.interface(via);
    if (!found) throw new LinkError(`${change} ${address.address} on ${via}`, noSuchDevice);
    const changed = this.#netlink.change(change, found.index, address);
    // Not only by the notification: that comes later, and would look like somebody else's change.
    const present = change === 'add';
    this.#interfaces.take({
      kind: 'address',
      index: found.index,
      address,
      tentative: false,
      present,
    });
    return changed;
  }

  /**
   * Waits, at most `timeoutMs`, and hands over everything that came. True: `wakeFd` is readable.
   */
  wait(timeoutMs: number, listener: LinkListener): boolean {
    const timeout = Buffer.alloc(16);
    const seconds = Math.floor(timeoutMs / 1000);
    timeout.writeBigInt64LE(BigInt(seconds));
    timeout.writeBigInt64LE(BigInt(Math.round((timeoutMs - seconds * 1000) * 1e6)), 8);
    if (ppoll(this.#poll, this.#polled.length + 1, timeout, null) <= 0) return false;
    const ready = (at: number): boolean => this.#poll.readUInt16LE(8 * at + 6) !== 0;
    // By index into what was polled: taking a change of interfaces may replace the list.
    const woken = ready(this.#polled.length);
    for (const take of this.#polled.filter((_, at) => ready(at))) take(listener);
    return woken;
  }

  [Symbol.dispose](): void {
    for (const sockets of this.#sockets.values()) closeSockets(sockets);
    this.#sockets.clear();
    this.#netlink[Symbol.dispose]();
  }

  #socketsFor(use: LinkUse): Sockets {
    const found = this.#sockets.get(keyOf(use));
    if (!found) throw new LinkError(`send on ${use.interface}`, noSuchDevice);
    return found;
  }

  /** struct pollfd: descriptor, events, returned events. */
  #watch(): void {
    const watched: [fd: number, take: (listener: LinkListener) => void][] = [];
    for (const sockets of this.#sockets.values()) {
      watched.push([sockets.adverts.fd, (listener) => this.#takePackets(sockets, listener)]);
      watched.push([sockets.frames.fd, (listener) => this.#takeFrames(sockets, listener)]);
    }
    // Last: it may close sockets.
    watched.push([this.#netlink.fd, (listener) => this.#takeChanges(listener)]);
    const fds = [...watched.map(([fd]) => fd), this.#wakeFd];
    const poll = Buffer.alloc(8 * fds.length);
    for (const [at, fd] of fds.entries()) {
      poll.writeInt32LE(fd, 8 * at);
      poll.writeInt16LE(POLLIN, 8 * at + 4);
    }
    this.#poll = poll;
    this.#polled = watched.map(([, take]) => take);
  }

  #takePackets({ adverts }: Sockets, listener: LinkListener): void {
    for (let batches = 0; batches < maxBatches; batches += 1) {
      const count = this.#batch.receive(adverts.fd, (message) => {
        const packet = adverts.read(message);
        if (packet) listener.packet(packet);
      });
      if (!this.#batch.isFull(count)) return;
    }
  }

  #takeFrames({ frames, use }: Sockets, listener: LinkListener): void {
    for (let batches = 0; batches < maxBatches; batches += 1) {
      const count = this.#batch.receive(frames.fd, ({ bytes }) => listener.frame(use, bytes));
      if (!this.#batch.isFull(count)) return;
    }
  }

  #takeChanges(listener: LinkListener): void {
    const { messages, lost } = this.#netlink.changes();
    let changed = lost;
    if (lost) this.#dump();
    else for (const message of messages) changed = this.#interfaces.take(message) || changed;
    if (changed) listener.interfacesChanged();
  }

  #dump(): void {
    this.#interfaces.clear();
    for (const what of ['links', 'addresses'] as const) {
      for (const message of this.#netlink.dump(what)) this.#interfaces.take(message);
    }
  }
}

/** ENODEV. */
const noSuchDevice = 19;

function keyOf({ interface: name, family }: { interface: string; family: IPFamily }): string {
  return `${name} ${family}`;
}

function openSockets(use: LinkUse, index: number): Sockets {
  const frames = new FrameSocket(use.family, index);
  try {
    const adverts = new AdvertSocket(use.family, use.interface, index);
    return { use, index, adverts, frames };
  } catch (error) {
    frames[Symbol.dispose]();
    throw error;
  }
}

function closeSockets({ adverts, frames }: Sockets): void {
  adverts[Symbol.dispose]();
  frames[Symbol.dispose]();
}
