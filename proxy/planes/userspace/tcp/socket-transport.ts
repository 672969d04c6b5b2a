import { createServer } from 'node:net';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import { listenOn } from './listen.ts';
import { SocketStream } from './socket-stream.ts';
import {
  keepAliveDelaySec,
  type ListenOptions,
  type StreamOwner,
  type TcpListener,
  type TcpStream,
  type TcpTransport,
} from './transport.ts';

/** Connections over `net.Socket`: public API alone, at about half the speed. */
export class SocketTransport implements TcpTransport {
  readonly name = 'sockets';

  listen(options: ListenOptions, onStream: (stream: TcpStream) => void): Promise<TcpListener> {
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
    return listenOn(server, options);
  }

  connect(address: string, port: number, family: IPFamily, owner: StreamOwner): TcpStream {
    return SocketStream.connect(address, port, family, owner);
  }
}
