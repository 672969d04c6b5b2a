import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock } from '../../../controller/base/index.ts';
import { type Upstream, formatUpstream } from './upstream.ts';

/** Idle connections kept to one upstream unless told otherwise: each is a socket there and here. */
const maxIdlePerUpstream = 64;

export interface ConnectionsOptions {
  readonly clock: Clock;
  /** How long a connection waits; servers close theirs after some time too. */
  readonly idleMs: number;
  /** How long it is used at all; 0: no limit. */
  readonly maxAgeMs: number;
  /** Kept to one upstream; 0: 64. */
  readonly maxIdle: number;
  readonly sourceAddress: string | undefined;
  readonly tls: TlsClient;
}

/** What TLS upstreams are checked against; undefined: the system's authorities. */
export interface TlsClient {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Connections to upstreams that wait for their next query: a TCP or TLS handshake for each query
 * would cost more than the answer. One query at a time is under way on each.
 */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #idle: Map<string, Socket[]> = new Map();
  readonly #openedMs: WeakMap<Socket, number> = new WeakMap();
  readonly #timers: Map<Socket, Disposable> = new Map();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Where datagrams leave from too. */
  get sourceAddress(): string | undefined {
    return this.#options.sourceAddress;
  }

  /** One that waits, the longest first, else a new one. `reused`: it may have been closed there. */
  take(upstream: Upstream): { readonly socket: Socket; readonly reused: boolean } {
    const idle = this.#idle.get(formatUpstream(upstream))?.shift();
    if (!idle) return { socket: this.#open(upstream), reused: false };
    this.#timers.get(idle)?.[Symbol.dispose]();
    this.#timers.delete(idle);
    idle.removeAllListeners();
    return { socket: idle, reused: true };
  }

  /** Gives a connection back on which nothing is under way. */
  put(upstream: Upstream, socket: Socket): void {
    const key = formatUpstream(upstream);
    const idle = this.#idle.get(key) ?? [];
    socket.removeAllListeners();
    socket.on('error', () => socket.destroy());
    const room = this.#options.maxIdle || maxIdlePerUpstream;
    if (socket.destroyed || this.#isOld(socket) || idle.length >= room) {
      socket.destroy();
      return;
    }
    this.#idle.set(key, [...idle, socket]);
    const drop = (): void => {
      this.#timers.get(socket)?.[Symbol.dispose]();
      this.#timers.delete(socket);
      const left = this.#idle.get(key)?.filter((one) => one !== socket) ?? [];
      if (left.length > 0) this.#idle.set(key, left);
      else this.#idle.delete(key);
      socket.destroy();
    };
    // Octets that nobody asked for are as good as a close.
    for (const event of ['close', 'end', 'data']) socket.on(event, drop);
    this.#timers.set(socket, this.#options.clock.schedule(this.#options.idleMs, drop));
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
    for (const sockets of this.#idle.values()) for (const socket of sockets) socket.destroy();
    this.#idle.clear();
  }

  #isOld(socket: Socket): boolean {
    const { clock, maxAgeMs } = this.#options;
    return maxAgeMs > 0 && clock.nowMs() - (this.#openedMs.get(socket) ?? 0) >= maxAgeMs;
  }

  #open(upstream: Upstream): Socket {
    const socket = this.#connect(upstream);
    this.#openedMs.set(socket, this.#options.clock.nowMs());
    return socket;
  }

  #connect({ host, port, tlsServerName }: Upstream): Socket {
    const { sourceAddress, tls } = this.#options;
    const source = sourceAddress === undefined ? {} : { localAddress: sourceAddress };
    if (tlsServerName === undefined) return connectTcp({ host, port, noDelay: true, ...source });
    return connectTls({
      host,
      port,
      ...source,
      ...tls,
      ALPNProtocols: ['dot'],
      // An address can't be sent as a server name; the certificate is checked against it anyway.
      ...(tlsServerName === '' ? {} : { servername: tlsServerName }),
    });
  }
}
