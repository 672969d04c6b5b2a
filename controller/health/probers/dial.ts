import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How to speak TLS. `servername` undefined: none is sent, as with an address it must not be. */
export interface DialTls {
  readonly servername: string | undefined;
  readonly verify: boolean;
}

/**
 * Opens a connection; rejects with the system's error. When `signal` aborts, at any time, the
 * socket is destroyed: a SYN into a black hole would otherwise hold its socket for two minutes.
 */
export function dial(
  address: string,
  port: number,
  tls: DialTls | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  if (signal.aborted) return Promise.reject(new Error('aborted'));
  const socket = tls
    ? connectTls({
        host: address,
        port,
        rejectUnauthorized: tls.verify,
        ALPNProtocols: ['http/1.1'],
        ...(tls.servername !== undefined && isIP(tls.servername) === 0
          ? { servername: tls.servername }
          : {}),
      })
    : connect({ host: address, port });
  const abort = (): void => void socket.destroy(new Error('aborted'));
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => {
    signal.removeEventListener('abort', abort);
    reject(new Error('connection closed'));
  });
  // Stays for the socket's life: a reset after the verdict must not become an uncaught error.
  socket.on('error', reject);
  socket.once(tls ? 'secureConnect' : 'connect', () => resolve(socket));
  return promise;
}
