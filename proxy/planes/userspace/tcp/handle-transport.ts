import { createServer, type Server } from 'node:net';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import { type HandleContext, HandleStream } from './handle-stream.ts';
import { listenOn } from './listen.ts';
import type { NodeTcpBinding, TcpHandle } from './node-binding.ts';
import { SlabPool } from './slab-pool.ts';
import {
  keepAliveDelaySec,
  type ListenOptions,
  readChunkBytes,
  type StreamOwner,
  type TcpListener,
  type TcpStream,
  type TcpTransport,
} from './transport.ts';

/** Slabs kept for reuse, 4 MiB: about one for each stream that is being slowed at a moment. */
const keptSlabs = 64;

/** Connections over bare libuv handles; `node-binding.ts` says what that buys. */
export class HandleTransport implements TcpTransport {
  readonly name = 'handles';
  readonly #context: HandleContext;

  constructor(binding: NodeTcpBinding) {
    this.#context = {
      binding,
      readBuffer: Buffer.allocUnsafeSlow(readChunkBytes),
      slabs: new SlabPool(readChunkBytes, keptSlabs),
    };
  }

  async listen(
    options: ListenOptions,
    onStream: (stream: TcpStream) => void,
  ): Promise<TcpListener> {
    const server = createServer();
    const listener = await listenOn(server, options, (server) => {
      const handle = listeningHandle(server);
      // Accepted sockets inherit both from the listener, which saves two system calls each.
      handle.setNoDelay(true);
      handle.setKeepAlive(true, keepAliveDelaySec);
      // Errors here are EMFILE and its like: libuv has already shed the connection.
      handle.onconnection = (_status, client) => {
        if (client !== undefined) onStream(new HandleStream(this.#context, client));
      };
    });
    return listener;
  }

  connect(address: string, port: number, family: IPFamily, owner: StreamOwner): TcpStream {
    return HandleStream.connect(this.#context, address, port, family, owner);
  }
}

/** The one use of `_handle`: `loadNodeTcpBinding` has vouched for its class. */
function listeningHandle(server: Server): TcpHandle {
  return Reflect.get(server, '_handle') as TcpHandle;
}
