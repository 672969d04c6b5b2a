import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { hopByHopNames } from './hop-by-hop.ts';

/** Both ends of an upgraded connection, with what arrived behind each head. */
export interface TunnelEnds {
  readonly client: Socket;
  readonly clientHead: Buffer;
  readonly upstream: Socket;
  readonly upstreamHead: Buffer;
  /** Milliseconds without a byte either way after which both ends are cut. */
  readonly idleMs: number;
}

/**
 * Joins two sockets for good. A half-close passes through; when one end is gone the other is
 * closed once what is under way to it has been written. `pipe` alone would leave it open.
 */
export function joinTunnel({
  client,
  clientHead,
  upstream,
  upstreamHead,
  idleMs,
}: TunnelEnds): void {
  if (clientHead.length > 0) client.unshift(clientHead);
  if (upstreamHead.length > 0) upstream.unshift(upstreamHead);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.setTimeout(0);
    one.setNoDelay(true);
    // 'close' follows, and says all there is to say.
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon());
    one.pipe(other);
  }
  // Every byte passes the client's socket, whichever way it goes.
  client.setTimeout(idleMs, () => client.destroy());
}

/** The head of a 101 as the client gets it, in latin1. */
export function switchingProtocols(answer: IncomingMessage): string {
  const dropped = hopByHopNames(answer.headers.connection);
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade'];
  lines.push(`Upgrade: ${answer.headers.upgrade ?? ''}`);
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(index, index + 2);
    if (!dropped.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
