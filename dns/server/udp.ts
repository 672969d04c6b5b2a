import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { describeError, type Log } from '../../controller/base/index.ts';
import type { Responder } from './responder.ts';

/** Room for a burst while the event loop is busy; the kernel grants at most net.core.rmem_max. */
const receiveBufferOctets = 4 * 1024 * 1024;

export interface UdpOptions {
  readonly host: string;
  readonly port: number;
  /** Several processes share the address, and the kernel spreads clients over them. */
  readonly reusePort: boolean;
  readonly log: Log;
}

/**
 * Serves one address over UDP. Replies leave from the address asked, since the socket is bound to
 * it alone. Rejects when it can't be bound.
 */
export async function listenUdp(options: UdpOptions, responder: Responder): Promise<UdpListener> {
  const isV6 = isIP(options.host) === 6;
  const socket = createSocket({
    type: isV6 ? 'udp6' : 'udp4',
    reusePort: options.reusePort,
    ipv6Only: isV6,
    recvBufferSize: receiveBufferOctets,
    // Only addresses are ever sent to; looking them up would cost each reply a turn of the loop.
    lookup: (host, _options, callback) => callback(null, host, isV6 ? 6 : 4),
  });
  try {
    // With `lookup` as it is, the event comes before `bind` returns.
    const listening = once(socket, 'listening');
    socket.bind(options.port, options.host);
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return new UdpListener(socket, responder, options.log);
}

export class UdpListener implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #responder: Responder;
  readonly #log: Log;
  #accepting = true;
  #open = true;

  constructor(socket: Socket, responder: Responder, log: Log) {
    this.#socket = socket;
    this.#responder = responder;
    this.#log = log;
    const family = socket.address().family === 'IPv6' ? 6 : 4;
    socket.on('message', (octets, from) => this.#receive(octets, from, family));
    socket.on('error', (error) => log.warn({ error: describeError(error) }, 'UDP socket failed'));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Ignores what comes from now on; replies under way still leave. */
  stopAccepting(): void {
    this.#accepting = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(octets: Buffer, from: { address: string; port: number }, family: 4 | 6): void {
    // Nobody listens on port 0: the source is forged.
    if (!this.#accepting || from.port === 0) return;
    const client = { address: from.address, port: from.port };
    const response = this.#responder.respond(octets, { transport: 'udp', client, family });
    if (response instanceof Promise) {
      response.then(
        (later) => this.#send(later, client),
        (error: unknown) => this.#log.error({ error: describeError(error) }, 'no reply'),
      );
    } else {
      this.#send(response, client);
    }
  }

  #send(response: Buffer | undefined, to: { address: string; port: number }): void {
    // A reply that can't be sent is a lost datagram, which clients expect now and then.
    if (response && this.#open) this.#socket.send(response, to.port, to.address, ignoreLoss);
  }
}

function ignoreLoss(): void {}
