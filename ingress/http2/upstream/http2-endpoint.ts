import type { StreamOwner, TcpStream } from '../../../proxy/planes/userspace/tcp/transport.ts';
import type { ResponseParser } from '../../http1/index.ts';
import type { DeadlineWheel } from '../../transport/index.ts';
import type { UpstreamTimeouts } from '../../upstream/endpoint-connections.ts';
import type { EndpointStreams, OpenOptions, UpstreamStream } from '../../upstream/stream.ts';
import type { UpstreamUser } from '../../upstream/user.ts';
import type { Http2Context } from '../connection-role.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import type { Http2UpstreamStream } from './upstream-stream.ts';

/** What the connections of an endpoint need. */
export interface Http2EndpointOptions {
  readonly http2: Http2Context;
  readonly wheel: DeadlineWheel;
  readonly timeouts: UpstreamTimeouts;
  readonly parser: ResponseParser;
  readonly scheme: 'http' | 'https';
  /** Starts connecting. */
  readonly connect: (owner: StreamOwner) => TcpStream;
}

/** The streams of HTTP/2 to one endpoint: on as few connections as they fit on. */
export class Http2Endpoint implements EndpointStreams {
  readonly http2: Http2Context;
  readonly wheel: DeadlineWheel;
  readonly timeouts: UpstreamTimeouts;
  readonly parser: ResponseParser;
  readonly scheme: 'http' | 'https';
  readonly connect: (owner: StreamOwner) => TcpStream;
  readonly #connections: UpstreamConnection[] = [];
  #isRetired = false;

  constructor({ http2, wheel, timeouts, parser, scheme, connect }: Http2EndpointOptions) {
    this.http2 = http2;
    this.wheel = wheel;
    this.timeouts = timeouts;
    this.parser = parser;
    this.scheme = scheme;
    this.connect = connect;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  take(): UpstreamStream | undefined {
    return this.#connections.find((one) => one.isOpen && one.hasRoom)?.take();
  }

  open(user: UpstreamUser, { connectMs }: OpenOptions): UpstreamStream {
    const connecting = this.#connections.find((one) => one.hasRoom);
    return (connecting ?? this.#connect(connectMs)).wait(user);
  }

  /** For connections alone: a stream waited for one that has no room for it. */
  findRoom(stream: Http2UpstreamStream, connectMs: number): void {
    const other = this.#connections.find((one) => one.hasRoom) ?? this.#connect(connectMs);
    other.adopt(stream);
  }

  retire(): void {
    this.#isRetired = true;
    for (const connection of this.#connections.splice(0)) connection.leave();
  }

  /** For connections alone: one is closed. */
  remove(connection: UpstreamConnection): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
  }

  #connect(connectMs: number): UpstreamConnection {
    const connection = new UpstreamConnection(this, connectMs);
    this.#connections.push(connection);
    return connection;
  }
}
