import { isIPv6 } from 'node:net';
import type { ListenAddress } from '../../../controller/base/index.ts';
import type { TcpStream, TcpTransport } from '../../../proxy/planes/userspace/tcp/index.ts';
import type { ClientCertificate } from '../../tls/index.ts';
import { loadNodeTlsBinding, ProxiedStream } from '../../transport/index.ts';
import type { ListenOn } from '../shared/options.ts';
import type { ServerCertificates } from '../shared/server-certificates.ts';
import { ServerConnection } from '../../http2/server/server-connection.ts';
import { ClientConnection, type ConnectionHome } from './client-connection.ts';
import type { Arrival, WireContext } from './context.ts';
import { Passthrough, type PassthroughBeginning } from './passthrough.ts';
import { listenTlsHandles } from './tls-handle-listener.ts';
import { type ApplicationProtocol, listenTls, type TlsListenOptions } from './tls-listener.ts';

/** One address that the engine serves. */
export interface ListenerOptions {
  readonly scheme: 'http' | 'https';
  readonly on: ListenOn;
  readonly reusePort: boolean;
  readonly context: WireContext;
  readonly transport: TcpTransport;
  readonly certificates: ServerCertificates;
}

/** Takes connections, until it is disposed, which leaves those it took alone. */
interface Acceptor extends AsyncDisposable {
  readonly port: number;
}

/** A client connection of either version. */
interface ServedConnection {
  /** Ends it as soon as nothing is under way, and takes nothing new. */
  closeIfIdle(): void;
  /** Ends it at once. */
  cut(): void;
}

/** A listening address with the connections it has accepted. */
export class Listener implements AsyncDisposable, ConnectionHome {
  readonly context: WireContext;
  readonly #options: ListenerOptions;
  readonly #acceptor: Acceptor;
  readonly #connections = new Set<ServedConnection>();
  readonly #gauge;
  readonly arrival: Arrival;
  #wake: (() => void) | undefined = undefined;

  private constructor(options: ListenerOptions, accept: (take: Take) => Acceptor) {
    this.#options = options;
    this.context = options.context;
    this.#gauge = options.context.metrics.connections(options.scheme);
    this.#acceptor = accept({
      stream: (stream, protocol, certificate) => this.#take(stream, protocol, certificate),
      passthrough: (stream, pool, known) => this.#passThrough(stream, pool, known),
    });
    const { port } = this.#acceptor;
    this.arrival = { scheme: options.scheme, port, clientCertificate: undefined };
  }

  /** @throws the system's error (EADDRINUSE, EACCES …) */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const { on, reusePort, transport, context, scheme, certificates } = options;
    let take: Take = {
      stream: (stream) => stream.close(),
      passthrough: (stream) => stream.close(),
    };
    const shed = (code: string): void => context.shedLog.lost(scheme, code);
    const onStream: Take['stream'] = (stream, protocol, certificate) =>
      take.stream(stream, protocol, certificate);
    const onPassthrough: Take['passthrough'] = (stream, pool, known) =>
      take.passthrough(stream, pool, known);
    const acceptor =
      scheme === 'http'
        ? await transport.listen({
            ...on,
            family: isIPv6(on.host) ? 'IPv6' : 'IPv4',
            reusePort,
            onStream: (stream) => accepted(context, stream, onStream),
            onShed: shed,
          })
        : await listenSecure({ on, reusePort, context, certificates, onStream, onPassthrough });
    return new Listener(options, (own) => {
      take = own;
      return acceptor;
    });
  }

  address(): ListenAddress {
    const { scheme, on } = this.#options;
    return { name: scheme, host: on.host, port: this.#acceptor.port };
  }

  /** Takes no new connection, and closes those between two requests. Resolves when all are gone. */
  async drain(): Promise<void> {
    await this.#acceptor[Symbol.asyncDispose]();
    for (const connection of this.#connections) connection.closeIfIdle();
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Cuts every connection, upgraded ones too. */
  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  closed(connection: ServedConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#gauge.add(-1);
    if (this.#connections.size === 0) this.#wake?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#acceptor[Symbol.asyncDispose]();
    this.cut();
  }

  /** A client of HTTP/1 that turns out to speak HTTP/2, by prior knowledge (RFC 9113 §3.3). */
  speaksHttp2(
    before: ClientConnection,
    stream: TcpStream,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.#gauge.add(1);
    const connection = new ServerConnection(this, stream);
    this.#connections.add(connection);
    this.closed(before);
    connection.receivedBefore(bytes, start, end);
  }

  #take(
    stream: TcpStream,
    protocol: ApplicationProtocol,
    certificate: ClientCertificate | undefined,
  ): void {
    if (!this.#hasRoom(stream)) return;
    const home = certificate ? new CertifiedHome(this, certificate) : this;
    this.#connections.add(
      protocol === 'h2' ? new ServerConnection(home, stream) : new ClientConnection(home, stream),
    );
  }

  #passThrough(stream: TcpStream, key: string, known: PassthroughBeginning): void {
    const pool = this.context.pools.get(key);
    if (!pool) {
      stream.reset();
      return;
    }
    if (!this.#hasRoom(stream)) return;
    const { transport } = this.#options;
    const home = {
      context: this.context,
      transport,
      closed: (one: Passthrough) => this.closed(one),
    };
    this.#connections.add(new Passthrough(home, pool, stream, known));
  }

  #hasRoom(stream: TcpStream): boolean {
    if (this.#connections.size >= this.context.limits.connections) {
      this.context.shedLog.lost(this.arrival.scheme, 'limit');
      stream.close();
      return false;
    }
    this.#gauge.add(1);
    return true;
  }
}

/** On bare handles where this Node has them. */
async function listenSecure(options: TlsListenOptions): Promise<Acceptor> {
  const binding = loadNodeTlsBinding();
  return binding ? listenTlsHandles(options, binding) : await listenTls(options);
}

interface Take {
  readonly stream: TlsListenOptions['onStream'];
  readonly passthrough: TlsListenOptions['onPassthrough'];
}

/** A plain connection, which may have to tell first who it speaks for. */
function accepted(context: WireContext, stream: TcpStream, onStream: Take['stream']): void {
  if (!context.proxyProtocol) {
    onStream(stream, undefined, undefined);
    return;
  }
  if (!context.identifier.trusts(stream.remoteAddress)) {
    context.metrics.proxyHeadersRefused.inc();
    stream.reset();
    return;
  }
  // Lives by what its inner stream tells it.
  void new ProxiedStream(stream, {
    wheel: context.wheel,
    withinMs: context.timeouts.proxyHeaderMs,
    accepted: (proxied) => onStream(proxied, undefined, undefined),
    refused: () => context.metrics.proxyHeadersRefused.inc(),
  });
}

/** Of a connection whose client was asked for a certificate. */
class CertifiedHome implements ConnectionHome {
  readonly context: WireContext;
  readonly arrival: Arrival;
  readonly #listener: Listener;

  constructor(listener: Listener, clientCertificate: ClientCertificate) {
    this.context = listener.context;
    this.arrival = { ...listener.arrival, clientCertificate };
    this.#listener = listener;
  }

  closed(connection: ServedConnection): void {
    this.#listener.closed(connection);
  }

  speaksHttp2(...given: Parameters<Listener['speaksHttp2']>): void {
    this.#listener.speaksHttp2(...given);
  }
}
