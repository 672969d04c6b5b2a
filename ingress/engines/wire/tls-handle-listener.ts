import { constants } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { getSystemErrorName } from 'node:util';
import type { TcpHandle } from '../../../proxy/planes/userspace/tcp/node-binding.ts';
import { listenBacklog, readChunkBytes } from '../../../proxy/planes/userspace/tcp/transport.ts';
import {
  Deadline,
  type HandshakeOwner,
  type NodeTlsBinding,
  type TlsBeginning,
  TlsHandleStream,
  type TlsStreamContext,
} from '../../transport/index.ts';
import { type ClientCertificate, describeClientCertificate } from '../../tls/index.ts';
import { openConnection } from './connection-opening.ts';
import type { FirstBytes } from './first-bytes.ts';
import {
  applicationProtocol,
  applicationProtocols,
  type TlsListenOptions,
} from './tls-listener.ts';

/** As ALPN has them: a length and that many bytes, for each protocol. */
const alpn = Buffer.from(
  applicationProtocols.map((name) => String.fromCharCode(name.length) + name).join(''),
  'latin1',
);

/**
 * Listens for TLS on bare handles: the same as `listenTls`, at less than half the cost.
 * @throws Error with the system's code (EADDRINUSE, EACCES …)
 */
export function listenTlsHandles(
  options: TlsListenOptions,
  binding: NodeTlsBinding,
): AsyncDisposable & { readonly port: number } {
  const { on, reusePort, context, certificates } = options;
  const { TCP, constants: flags } = binding.tcp;
  const handle = new TCP(flags.SERVER);
  const shared = reusePort ? flags.UV_TCP_REUSEPORT : 0;
  const status =
    (isIPv6(on.host)
      ? handle.bind6(on.host, on.port, shared | flags.UV_TCP_IPV6ONLY)
      : handle.bind(on.host, on.port, shared)) || handle.listen(listenBacklog);
  if (status !== 0) {
    handle.close();
    throw Object.assign(new Error('listen failed'), { code: getSystemErrorName(status) });
  }
  handle.setNoDelay(true);
  handle.setKeepAlive(true, 60);
  const secure = createSecureContext({
    ...certificates.defaultContext,
    sessionIdContext: 'portolan',
    // RFC 9113 §9.2.1 forbids it, HTTP/1.1 has no use for it, and it costs the server most.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  });
  const streams: TlsStreamContext = {
    binding,
    readBuffer: Buffer.allocUnsafeSlow(readChunkBytes),
    alpn,
    defaultContext: nativeContext(secure),
    contextFor(serverName) {
      const found = certificates.contextFor(serverName);
      return found && nativeContext(found);
    },
  };
  const handshakes = new Set<Handshake>();
  const openings = new Set<FirstBytes>();
  handle.onconnection = (status, client) => {
    if (client === undefined) context.shedLog.lost('https', getSystemErrorName(status));
    else if (handshakes.size + openings.size >= context.limits.connections) client.close();
    else if (context.proxyProtocol || certificates.hasSpecialNames) opening(client);
    else handshakes.add(new Handshake(options, streams, client, handshakes));
  };
  const opening = (client: TcpHandle): void =>
    openConnection(
      client,
      options,
      streams,
      (beginning, serverName) => {
        handshakes.add(new Handshake(options, streams, client, handshakes, beginning, serverName));
      },
      openings,
    );
  const bound: { port?: number } = {};
  handle.getsockname(bound);
  return {
    port: bound.port ?? on.port,
    async [Symbol.asyncDispose]() {
      handle.close();
      for (const opening of openings) opening.expired();
      for (const handshake of handshakes) handshake.expired();
    },
  };
}

/** A connection until its handshake is over, which must not take for ever. */
class Handshake implements HandshakeOwner {
  readonly #options: TlsListenOptions;
  readonly #all: Set<Handshake>;
  readonly #deadline: Deadline;
  readonly #stream: TlsHandleStream;
  /** Under which the client is asked for a certificate; undefined: it is not. */
  readonly #serverName: string | undefined;

  constructor(
    options: TlsListenOptions,
    streams: TlsStreamContext,
    client: ConstructorParameters<typeof TlsHandleStream>[1],
    all: Set<Handshake>,
    beginning?: TlsBeginning,
    serverName: string = '',
  ) {
    this.#options = options;
    this.#all = all;
    this.#deadline = new Deadline(this);
    const { wheel, timeouts } = options.context;
    wheel.set(this.#deadline, timeouts.handshakeMs);
    this.#serverName = beginning?.askingContext ? serverName : undefined;
    this.#stream = new TlsHandleStream(streams, client, this, beginning);
  }

  secured(stream: TlsHandleStream): void {
    this.#end();
    this.#options.onStream(
      stream,
      applicationProtocol(stream.applicationProtocol),
      this.#certificateOf(stream),
    );
  }

  handshakeFailed(stream: TlsHandleStream): void {
    this.#end();
    this.#options.context.metrics.handshakeFailures.inc();
    stream.close();
  }

  expired(): void {
    this.#end();
    this.#options.context.metrics.handshakeFailures.inc();
    this.#stream.reset();
  }

  #certificateOf(stream: TlsHandleStream): ClientCertificate | undefined {
    if (this.#serverName === undefined) return undefined;
    const { der, error } = stream.peerCertificate;
    return describeClientCertificate(this.#serverName, der, error);
  }

  #end(): void {
    this.#options.context.wheel.clear(this.#deadline);
    this.#all.delete(this);
  }
}

function nativeContext(context: SecureContext): object {
  return context.context as object;
}
