import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock } from '../../../controller/base/index.ts';
import { type Upstream, formatUpstream } from './upstream.ts';

/** Idle connections kept to one upstream: each is a socket there and here. */
const maxIdlePerUpstream = 64;

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
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #tls: TlsClient;
  readonly #idle: Map<string, Socket[]> = new Map();
  readonly #timers: Map<Socket, Disposable> = new Map();

  /** `idleMs`: how long a connection waits; servers close theirs after some time too. */
  constructor(clock: Clock, idleMs: number, tls: TlsClient) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#tls = tls;
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
    if (socket.destroyed || idle.length >= maxIdlePerUpstream) {
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
    this.#timers.set(socket, this.#clock.schedule(this.#idleMs, drop));
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
    for (const sockets of this.#idle.values()) for (const socket of sockets) socket.destroy();
    this.#idle.clear();
  }

  #open({ host, port, tlsServerName }: Upstream): Socket {
    if (tlsServerName === undefined) return connectTcp({ host, port, noDelay: true });
    return connectTls({
      host,
      port,
      ...this.#tls,
      ALPNProtocols: ['dot'],
      // An address can't be sent as a server name; the certificate is checked against it anyway.
      ...(tlsServerName === '' ? {} : { servername: tlsServerName }),
    });
  }
}
