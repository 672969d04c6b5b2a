import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ServedAddress } from './scene.ts';

const answerTimeoutMs = 2_000;

/** One client connection that asks now and then, and remembers whether it was cut. */
class KeptConnection {
  readonly #socket: Socket;
  readonly #request: string;
  isCut: boolean = false;

  constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#request = `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.isCut = true;
    });
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Whether a request on it is answered with 200. */
  async ask(): Promise<boolean> {
    if (this.isCut) return false;
    this.#socket.write(this.#request);
    try {
      const signal = AbortSignal.timeout(answerTimeoutMs);
      const [answer] = (await once(this.#socket, 'data', { signal })) as [Buffer];
      return answer.toString('latin1').startsWith('HTTP/1.1 200 ');
    } catch {
      return false;
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** Connections that stay open over the death of a worker. */
export class KeptConnections implements Disposable {
  readonly address: string;
  readonly port: number;
  readonly all: readonly KeptConnection[];

  private constructor(address: string, port: number, all: readonly KeptConnection[]) {
    this.address = address;
    this.port = port;
    this.all = all;
  }

  /** Opens `count` connections and has a first request answered on each. */
  static async open(
    { address, port }: ServedAddress,
    host: string,
    count: number,
  ): Promise<KeptConnections> {
    const all = await Promise.all(
      Array.from({ length: count }, async () => {
        const socket = connect({ host: address, port });
        await once(socket, 'connect');
        return new KeptConnection(socket, host);
      }),
    );
    const answers = await Promise.all(all.map(async (one) => await one.ask()));
    if (answers.includes(false)) throw new Error(`${address}:${port}: a connection is not served`);
    return new KeptConnections(address, port, all);
  }

  [Symbol.dispose](): void {
    for (const one of this.all) one.end();
  }
}
