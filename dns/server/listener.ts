import type { Clock, ListenAddress, Log } from '../../controller/base/index.ts';
import type { Scheme } from '../corefile/index.ts';
import { listenHttps } from './https.ts';
import type { Responder } from './responder.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { readServerTls } from './server-tls.ts';
import type { BlockSettings, StreamTimeouts } from './settings.ts';
import { listenTcp, type TcpListener } from './tcp.ts';
import { listenUdp, type UdpListener } from './udp.ts';

/** A free TCP port may be taken for UDP; a second draw seldom is. */
const maxDraws = 20;

export interface ListenOptions {
  readonly host: string;
  /** 0: any that is free for TCP and UDP alike. */
  readonly port: number;
  readonly reusePort: boolean;
  readonly scheme: Scheme;
  readonly tls: BlockSettings['tls'];
  readonly timeouts: StreamTimeouts;
  readonly log: Log;
  readonly clock: Clock;
}

/** Sockets of one address. */
export interface Listener extends AsyncDisposable {
  readonly addresses: readonly ListenAddress[];
  /** Takes no new query; resolves when what is under way is answered. */
  drain(): Promise<void>;
}

/** An address that is served, and by what. */
export interface Listening {
  readonly listener: Listener;
  readonly responder: Responder;
}

/** Rejects with the system's error when the address, or a TLS file, can't be had. */
export async function listen(
  options: ListenOptions,
  responderFor: (port: number) => Responder,
): Promise<Listening> {
  const { host, scheme } = options;
  if (scheme === 'dns') return await listenDns(options, responderFor);
  const tls = options.tls && (await readServerTls(options.tls));
  using undo = new DisposableStack();
  const stream =
    scheme === 'tls'
      ? await listenTcp({ ...options, tls }, responderFor)
      : await listenHttps({ ...options, tls }, responderFor);
  const name = scheme === 'tls' ? 'dns-tls' : 'dns-https';
  if (options.tls)
    undo.use(new CertificateWatch(options.tls, options, (now) => stream.secure(now)));
  const watching = undo.move();
  return {
    responder: stream.responder,
    listener: {
      addresses: [{ name, host, port: stream.port }],
      drain: async () => {
        watching.dispose();
        await stream.drain();
      },
      [Symbol.asyncDispose]: async () => {
        watching.dispose();
        await stream[Symbol.asyncDispose]();
      },
    },
  };
}

async function listenDns(
  options: ListenOptions,
  responderFor: (port: number) => Responder,
): Promise<Listening> {
  for (let draw = 1; ; draw += 1) {
    const tcp = await listenTcp({ ...options, tls: undefined }, responderFor);
    try {
      const udp = await listenUdp({ ...options, port: tcp.port }, tcp.responder);
      return { listener: new DnsListener(options.host, udp, tcp), responder: tcp.responder };
    } catch (error) {
      await tcp[Symbol.asyncDispose]();
      if (options.port !== 0 || draw >= maxDraws) throw error;
    }
  }
}

/** One address, served over UDP and TCP on the same port. */
class DnsListener implements Listener {
  readonly #host: string;
  readonly #udp: UdpListener;
  readonly #tcp: TcpListener;

  constructor(host: string, udp: UdpListener, tcp: TcpListener) {
    this.#host = host;
    this.#udp = udp;
    this.#tcp = tcp;
  }

  get addresses(): readonly ListenAddress[] {
    return [
      { name: 'dns', host: this.#host, port: this.#udp.port },
      { name: 'dns-tcp', host: this.#host, port: this.#tcp.port },
    ];
  }

  async drain(): Promise<void> {
    this.#udp.stopAccepting();
    await Promise.all([this.#tcp.drain(), this.#tcp.responder.whenIdle()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#udp[Symbol.asyncDispose](), this.#tcp[Symbol.asyncDispose]()]);
  }
}
