import { createServer } from 'node:net';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import { SocketStream } from './socket-stream.ts';
import {
  keepAliveDelaySec,
  listenBacklog,
  type ListenOptions,
  type StreamOwner,
  type TcpListener,
  type TcpStream,
  type TcpTransport,
} from './transport.ts';

/** Connections over `net.Socket`: public API alone, at about two thirds of the speed. */
export class SocketTransport implements TcpTransport {
  readonly name = 'sockets';

  async listen(options: ListenOptions): Promise<TcpListener> {
    const { host, port, family, reusePort, onStream, onShed } = options;
    const server = createServer(
      {
        pauseOnConnect: true,
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveDelaySec * 1000,
      },
      (socket) => onStream(new SocketStream(socket)),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // `exclusive`: in a cluster worker too, the socket is this process' own.
      const shape = { backlog: listenBacklog, ipv6Only: family === 'IPv6', exclusive: true };
      server.listen({ host, port, reusePort, ...shape }, resolve);
    });
    server.removeAllListeners('error');
    server.on('error', (error: NodeJS.ErrnoException) => onShed(error.code ?? 'EIO'));
    const bound = server.address();
    return {
      port: typeof bound === 'object' && bound !== null ? bound.port : port,
      async [Symbol.asyncDispose]() {
        // The socket itself closes within this call; a callback would wait for accepted ones.
        server.close();
      },
    };
  }

  connect(address: string, port: number, family: IPFamily, owner: StreamOwner): TcpStream {
    return SocketStream.connect(address, port, family, owner);
  }
}
