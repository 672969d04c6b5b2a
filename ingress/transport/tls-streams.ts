import { connect, type TLSSocket } from 'node:tls';
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

/**
 * Connects to an endpoint over TLS, and tells `owner` once the handshake is over. Endpoints are
 * addresses: certificates for them are as good as unknown, so they are not verified unless
 * somebody says against what (as ingress-nginx: proxy-ssl-verify is off).
 */
export function connectTls(address: string, port: number, owner: StreamOwner): TcpStream {
  const socket = connect({
    host: address,
    port,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
  });
  socket.setNoDelay(true);
  const stream = new TlsSocketStream(socket);
  stream.owner = owner;
  socket.once('secureConnect', () => stream.owner.connected(stream));
  return stream;
}
