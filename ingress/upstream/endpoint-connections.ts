import { isIPv6 } from 'node:net';
import type {
  StreamOwner,
  TcpStream,
  TcpTransport,
} from '../../proxy/planes/userspace/tcp/transport.ts';
import type { ResponseParser } from '../http1/index.ts';
import type { Http2Context } from '../http2/index.ts';
import { type Composer, connectTls, type DeadlineWheel } from '../transport/index.ts';
import { UpstreamConnection } from './connection.ts';
import type { UpstreamLink } from './link.ts';
import { type ProxiedConnection, proxyHeader } from './proxy-header.ts';
import type { EndpointStreams, OpenOptions } from './stream.ts';
import type { UpstreamUser } from './user.ts';

/** Milliseconds. */
export interface UpstreamTimeouts {
  readonly tunnelMs: number;
  /** An idle connection; below what servers allow. */
  readonly upstreamIdleMs: number;
}

/** What all connections of an engine share. */
export interface UpstreamContext {
  readonly transport: TcpTransport;
  readonly wheel: DeadlineWheel;
  readonly composer: Composer;
  readonly parser: ResponseParser;
  readonly http2: Http2Context;
  readonly timeouts: UpstreamTimeouts;
  /** Idle connections kept to one endpoint. */
  readonly idlePerEndpoint: number;
}

/**
 * For a request that cannot be repeated, an idle connection must be younger than this: servers
 * close idle ones after 5 s (node) to 75 s (nginx), and such a request must not meet that moment.
 */
const freshMs = 1_000;

/** The connections of one endpoint. Taken last in, first out, so that the oldest may expire. */
export class EndpointConnections implements EndpointStreams {
  readonly wheel: DeadlineWheel;
  readonly composer: Composer;
  readonly parser: ResponseParser;
  readonly timeouts: UpstreamTimeouts;
  readonly #context: UpstreamContext;
  readonly #address: string;
  readonly #port: number;
  readonly #link: UpstreamLink;
  readonly #idle: UpstreamConnection[] = [];
  #isRetired = false;

  constructor(context: UpstreamContext, address: string, port: number, link: UpstreamLink) {
    this.wheel = context.wheel;
    this.composer = context.composer;
    this.parser = context.parser;
    this.timeouts = context.timeouts;
    this.#context = context;
    this.#address = address;
    this.#port = port;
    this.#link = link;
  }

  /** For connections alone: TLS has to send the preface itself, before its own first bytes. */
  get sendsPreface(): boolean {
    return this.#link.protocol === 'https';
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  take(repeatable: boolean): UpstreamConnection | undefined {
    const last = this.#idle.at(-1);
    if (!last) return undefined;
    if (!repeatable && this.wheel.nowMs - last.idleSinceMs > freshMs) return undefined;
    this.#idle.pop();
    return last;
  }

  open(user: UpstreamUser, { connectMs, clientAddress }: OpenOptions): UpstreamConnection {
    const { proxyProtocol } = this.#link;
    const preface = proxyProtocol && proxyHeader(proxyProtocol, this.#proxied(clientAddress));
    return new UpstreamConnection(this, user, connectMs, preface);
  }

  retire(): void {
    this.#isRetired = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  #proxied(clientAddress: string): ProxiedConnection {
    return {
      source: clientAddress,
      // Whoever was in front of us has not told, and the header has no way to leave it out.
      sourcePort: 0,
      destination: this.#address,
      destinationPort: this.#port,
    };
  }

  /** For connections alone: starts connecting. `preface` goes before TLS. */
  connect(owner: StreamOwner, preface: Buffer | undefined): TcpStream {
    const { protocol, tls } = this.#link;
    if (protocol === 'https') {
      const [address, port] = [this.#address, this.#port];
      return connectTls({ address, port, protocol: 'http/1.1', tls, preface }, owner);
    }
    const family = isIPv6(this.#address) ? 'IPv6' : 'IPv4';
    return this.#context.transport.connect(this.#address, this.#port, family, owner);
  }

  /** For connections alone: takes one back. False: it is not wanted. */
  keep(connection: UpstreamConnection): boolean {
    if (this.#isRetired || this.#idle.length >= this.#context.idlePerEndpoint) return false;
    this.#idle.push(connection);
    return true;
  }

  /** For connections alone: one is closed. */
  forget(connection: UpstreamConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
