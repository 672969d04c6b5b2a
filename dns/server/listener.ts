import type { Clock, ListenAddress, Log } from '../../controller/base/index.ts';
import type { Responder } from './responder.ts';
import { listenTcp, type TcpListener } from './tcp.ts';
import { listenUdp, type UdpListener } from './udp.ts';

/** A free TCP port may be taken for UDP; a second draw seldom is. */
const maxDraws = 20;

export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free for TCP and UDP alike. */
  readonly port: number;
  readonly reusePort: boolean;
  readonly log: Log;
  readonly clock: Clock;
}

/** One address, served over UDP and TCP on the same port. */
export class Listener implements AsyncDisposable {
  readonly host: string;
  readonly #udp: UdpListener;
  readonly #tcp: TcpListener;

  constructor(host: string, udp: UdpListener, tcp: TcpListener) {
    this.host = host;
    this.#udp = udp;
    this.#tcp = tcp;
  }

  get addresses(): readonly ListenAddress[] {
    return [
      { name: 'dns', host: this.host, port: this.#udp.port },
      { name: 'dns-tcp', host: this.host, port: this.#tcp.port },
    ];
  }

  /** Takes no new query; resolves when what is under way is answered. */
  async drain(): Promise<void> {
    this.#udp.stopAccepting();
    await Promise.all([this.#tcp.drain(), this.#tcp.responder.whenIdle()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#udp[Symbol.asyncDispose](), this.#tcp[Symbol.asyncDispose]()]);
  }
}

/** Rejects with the system's error when the address can't be had. */
export async function listen(
  options: ListenOptions,
  responderFor: (port: number) => Responder,
): Promise<Listener> {
  for (let draw = 1; ; draw += 1) {
    const tcp = await listenTcp(options, responderFor);
    try {
      const udp = await listenUdp({ ...options, port: tcp.port }, tcp.responder);
      return new Listener(options.host, udp, tcp);
    } catch (error) {
      await tcp[Symbol.asyncDispose]();
      if (options.port !== 0 || draw >= maxDraws) throw error;
    }
  }
}
