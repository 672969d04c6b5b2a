import { once } from 'node:events';
import { isIPv6, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TcpStream } from '../../../proxy/planes/userspace/tcp/index.ts';
import { tlsStream } from '../../transport/index.ts';
import type { ClientCertificate } from '../../tls/index.ts';
import type { ListenOn } from '../shared/options.ts';
import type { ServerCertificates } from '../shared/server-certificates.ts';
import type { WireContext } from './context.ts';
import type { PassthroughBeginning } from './passthrough.ts';

/** What ALPN has settled on; undefined: the client named nothing that we know. */
export type ApplicationProtocol = 'h2' | 'http/1.1' | undefined;

/** What is offered by ALPN, the first one preferred. */
export const applicationProtocols: readonly string[] = ['h2', 'http/1.1'];

/** The protocol of that name. */
export function applicationProtocol(name: unknown): ApplicationProtocol {
  return name === 'h2' || name === 'http/1.1' ? name : undefined;
}

/** Where to take TLS connections. */
export interface TlsListenOptions {
  readonly on: ListenOn;
  readonly reusePort: boolean;
  readonly context: WireContext;
  readonly certificates: ServerCertificates;
  /** Called once a handshake is over. */
  readonly onStream: (
    stream: TcpStream,
    protocol: ApplicationProtocol,
    clientCertificate: ClientCertificate | undefined,
  ) => void;
  /** TLS that somebody else ends. */
  readonly onPassthrough: (stream: TcpStream, pool: string, known: PassthroughBeginning) => void;
}

/**
 * Where this Node has no bare handles. Reads nothing before TLS: no PROXY header, no passthrough,
 * no client certificates.
 * @throws the system's error (EADDRINUSE, EACCES …)
 */
export async function listenTls(
  options: TlsListenOptions,
): Promise<AsyncDisposable & { readonly port: number }> {
  const { on, reusePort, context, certificates, onStream } = options;
  const server = createServer({
    ...certificates.defaultContext,
    ALPNProtocols: [...applicationProtocols],
    handshakeTimeout: context.timeouts.handshakeMs,
    SNICallback: (name, done) => done(null, certificates.contextFor(name)),
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
  });
  server.maxConnections = context.limits.connections;
  const shaking = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    shaking.add(socket);
    socket.once('close', () => shaking.delete(socket));
  });
  server.on('secureConnection', (socket) =>
    onStream(tlsStream(socket), applicationProtocol(socket.alpnProtocol), undefined),
  );
  server.on('tlsClientError', () => context.metrics.handshakeFailures.inc());
  const listening = once(server, 'listening');
  server.listen({ ...on, reusePort, ipv6Only: isIPv6(on.host), backlog: 511, exclusive: true });
  await listening;
  server.on('error', (error) => context.log.warn({ err: error }, 'listener failed'));
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : on.port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
