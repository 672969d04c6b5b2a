import type { Server } from 'node:net';
import { listenBacklog, type ListenOptions, type TcpListener } from './transport.ts';

/**
 * Makes `server` listen; `onListening` runs before the first connection can be accepted.
 * @throws NodeJS.ErrnoException if the address can't be had
 */
export async function listenOn(
  server: Server,
  options: ListenOptions,
  onListening?: (server: Server) => void,
): Promise<TcpListener> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      {
        host: options.host,
        port: options.port,
        reusePort: options.reusePort,
        backlog: listenBacklog,
        // '::' must not take the IPv4 address too: the IPv4 twin of the Service port wants it.
        ipv6Only: true,
        // In a cluster worker too, the socket is this process' own.
        exclusive: true,
      },
      () => {
        server.off('error', reject);
        onListening?.(server);
        resolve();
      },
    );
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    async [Symbol.asyncDispose]() {
      // The socket itself closes within this call; the callback waits for accepted `net.Socket`s.
      server.close();
    },
  };
}
