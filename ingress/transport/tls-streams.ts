import { connect as connectTcp, isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { UpstreamTls } from '../compile/route-options.ts';
import { SocketStream } from '../../proxy/planes/userspace/tcp/socket-stream.ts';
import type { StreamOwner, TcpStream } from '../../proxy/planes/userspace/tcp/transport.ts';

/** Streams over TLS sockets, which know no RST of their own: what is cut misses close_notify. */
class TlsSocketStream extends SocketStream {
  readonly #socket: TLSSocket;

  constructor(socket: TLSSocket) {
    super(socket);
    this.#socket = socket;
  }

  override reset(): void {
    this.#socket.destroy();
  }
}

/** A TLS connection whose handshake is over, as a stream. */
export function tlsStream(socket: TLSSocket): TcpStream {
  return new TlsSocketStream(socket);
}

/** An endpoint that speaks TLS. */
export interface TlsEndpoint {
  readonly address: string;
  readonly port: number;
  /** What ALPN offers. An endpoint that does not take `h2` up has failed. */
  readonly protocol: 'http/1.1' | 'h2';
  /** Undefined: endpoints are addresses, for which certificates are as good as unknown, so
   * nothing is verified unless somebody says against what (ingress-nginx has it so, too). */
  readonly tls: UpstreamTls | undefined;
  /** Sent in clear before the handshake. */
  readonly preface: Buffer | undefined;
}

/** Connects to an endpoint over TLS, and tells `owner` once the handshake is over. */
export function connectTls(endpoint: TlsEndpoint, owner: StreamOwner): TcpStream {
  const tcp = connectTcp({ host: endpoint.address, port: endpoint.port, noDelay: true });
  if (endpoint.preface) tcp.write(endpoint.preface);
  const socket = connect({
    socket: tcp,
    ALPNProtocols: [endpoint.protocol],
    ...tlsOptions(endpoint),
  });
  const stream = new TlsSocketStream(socket);
  stream.owner = owner;
  socket.once('secureConnect', () => {
    // Whoever speaks HTTP/1.1 alone would make nothing of the other's frames.
    const isAgreed = endpoint.protocol !== 'h2' || socket.alpnProtocol === 'h2';
    if (isAgreed) stream.owner.connected(stream);
    else stream.owner.failed(stream, 'ENOPROTOOPT');
  });
  return stream;
}

function tlsOptions({ address, tls }: TlsEndpoint): ConnectionOptions {
  if (!tls) return { rejectUnauthorized: false, minVersion: 'TLSv1.2' };
  const { serverName, verify, caPem, certificatePem, privateKeyPem, ciphers, minVersion } = tls;
  return {
    // What the certificate is checked against: the name, or the address where there is none.
    host: serverName ?? address,
    ...(serverName !== undefined && isIP(serverName) === 0 && { servername: serverName }),
    rejectUnauthorized: verify,
    minVersion: minVersion ?? 'TLSv1.2',
    ...(caPem !== undefined && { ca: caPem }),
    ...(certificatePem !== undefined && { cert: certificatePem }),
    ...(privateKeyPem !== undefined && { key: privateKeyPem }),
    ...(ciphers !== undefined && { ciphers }),
  };
}
