import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { EndpointScope } from '../source-policy.ts';
import { literalLookup } from './literal-lookup.ts';
import { type UdpClient, UdpSession, type UdpSessionHost } from './session.ts';

/** Where a front listens. */
export interface UdpListenOptions {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  /** Where a client may be sent; undefined, and counted, if nowhere. */
  readonly admit: (clientIP: string) => EndpointScope | undefined;
}

/**
 * Answers waiting in the socket above which new ones are dropped: 256 times the largest datagram
 * is 16 MiB, and a kernel that takes none for so long has a dead link.
 */
const maxQueuedAnswers = 256;

/** One listening UDP address with the sessions of its clients. Disposing ends both at once. */
export class UdpFront implements AsyncDisposable {
  readonly #host: UdpSessionHost;
  readonly #socket: Socket;
  readonly #admit: UdpListenOptions['admit'];
  readonly #sessions = new Map<string, UdpSession>();

  private constructor(host: UdpSessionHost, socket: Socket, admit: UdpListenOptions['admit']) {
    this.#host = host;
    this.#socket = socket;
    this.#admit = admit;
    socket.on('message', (payload, from) => this.#received(payload, from));
    const { key: service, log } = host;
    socket.on('error', ({ message }) => log.debug({ service, message }, 'UDP receive failed'));
  }

  /** @throws NodeJS.ErrnoException if the address can't be had */
  static async listen(host: UdpSessionHost, options: UdpListenOptions): Promise<UdpFront> {
    const { reusePort } = options;
    const shared = { reusePort, lookup: literalLookup };
    const socket =
      host.family === 'IPv6'
        ? createSocket({ ...shared, type: 'udp6', ipv6Only: true })
        : createSocket({ ...shared, type: 'udp4' });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address: options.host, port: options.port, exclusive: true }, resolve);
    });
    socket.removeAllListeners('error');
    return new UdpFront(host, socket, options.admit);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions.values()) session.close();
    this.#socket.close();
  }

  #received(payload: Buffer, { address, port }: RemoteInfo): void {
    const key = `${address} ${port}`;
    const session = this.#sessions.get(key) ?? this.#open(key, address, port);
    if (!session) return;
    this.#host.udpSessions.touch(session, this.#host.clock.nowMs());
    session.forward(payload);
  }

  #open(key: string, address: string, port: number): UdpSession | undefined {
    // Who may not come in gets no session: forged sources would push out those who may.
    if (this.#admit(address) === undefined) return undefined;
    const client: UdpClient = {
      address,
      admit: () => this.#admit(address),
      reply: (payload) => this.#reply(payload, address, port),
      closed: () => void this.#sessions.delete(key),
    };
    const session = new UdpSession(this.#host, client);
    this.#sessions.set(key, session);
    return session;
  }

  #reply(payload: Buffer, address: string, port: number): void {
    if (this.#socket.getSendQueueCount() >= maxQueuedAnswers) {
      this.#host.metrics.rejected('queue-full');
      return;
    }
    // An answer that can't be sent is lost, as any datagram may be; the client asks again.
    this.#socket.send(payload, port, address);
  }
}
