/** TCP for the userspace plane: streams, and the sessions that join two of them. */
import { HandleTransport } from './handle-transport.ts';
import { loadNodeTcpBinding } from './node-binding.ts';
import { SocketTransport } from './socket-transport.ts';
import type { TcpTransport } from './transport.ts';

export { TcpSession, type TcpSessionHost } from './session.ts';
export { TcpSessionTable } from './session-table.ts';
export type { TcpListener, TcpStream, TcpTransport } from './transport.ts';

/** The fastest transport that this Node can carry. */
export function chooseTcpTransport(): TcpTransport {
  const binding = loadNodeTcpBinding();
  return binding === undefined ? new SocketTransport() : new HandleTransport(binding);
}
