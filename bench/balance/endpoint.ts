import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** What an endpoint says when it has worked long enough: its name, and then it hangs up. */
export class Endpoint implements AsyncDisposable {
  readonly name: string;
  readonly weight: number;
  readonly #delayMs: number;
  readonly #server: Server;
  hits: number = 0;
  /** Most connections at a time. */
  peak: number = 0;
  #open = 0;

  private constructor(name: string, weight: number, delayMs: number) {
    this.name = name;
    this.weight = weight;
    this.#delayMs = delayMs;
    this.#server = createServer((socket) => {
      this.hits += 1;
      this.#open += 1;
      this.peak = Math.max(this.peak, this.#open);
      socket.once('close', () => {
        this.#open -= 1;
      });
      // A client that is gone shows as a failure on its own side.
      socket.on('error', () => {});
      socket.resume();
      setTimeout(() => socket.end(this.name), this.#delayMs);
    });
  }

  /** Listens on a free port of 127.0.0.1; every connection takes `delayMs`. */
  static async start(name: string, weight: number, delayMs: number): Promise<Endpoint> {
    const endpoint = new Endpoint(name, weight, delayMs);
    endpoint.#server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 });
    await once(endpoint.#server, 'listening');
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
