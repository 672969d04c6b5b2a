import { getSystemErrorName } from 'node:util';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import { type HandleContext, HandleStream } from './handle-stream.ts';
import type { NodeTcpBinding } from './node-binding.ts';
import { SlabPool } from './slab-pool.ts';
import {
  keepAliveDelaySec,
  listenBacklog,
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

  async listen(options: ListenOptions): Promise<TcpListener> {
    const { host, port, family, reusePort, onStream, onShed } = options;
    const { TCP, constants } = this.#context.binding;
    // Not a `net.Server`: with 10 000 Services that costs 40 MiB and twice the time to listen.
    const handle = new TCP(constants.SERVER);
    const shared = reusePort ? constants.UV_TCP_REUSEPORT : 0;
    const status =
      (family === 'IPv6'
        ? handle.bind6(host, port, shared | constants.UV_TCP_IPV6ONLY)
        : handle.bind(host, port, shared)) || handle.listen(listenBacklog);
    if (status !== 0) {
      handle.close();
      throw new ListenError(status);
    }
    // Accepted sockets inherit both from the listener, which saves two system calls each.
    handle.setNoDelay(true);
    handle.setKeepAlive(true, keepAliveDelaySec);
    handle.onconnection = (status, client) => {
      if (client === undefined) onShed(getSystemErrorName(status));
      else onStream(new HandleStream(this.#context, client));
    };
    const out: { port?: number } = {};
    handle.getsockname(out);
    return {
      port: out.port ?? port,
      async [Symbol.asyncDispose]() {
        handle.close();
      },
    };
  }

  connect(address: string, port: number, family: IPFamily, owner: StreamOwner): TcpStream {
    return HandleStream.connect(this.#context, address, port, family, owner);
  }
}

/** Why an address can't be listened on, as `net.Server` would tell it. */
class ListenError extends Error implements NodeJS.ErrnoException {
  readonly code: string;

  constructor(status: number) {
    const code = getSystemErrorName(status);
    super(`listen ${code}`);
    this.code = code;
  }
}
