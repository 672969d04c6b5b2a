import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A small HTTP server on loopback that counts what it gets. */
export class CountingServer implements AsyncDisposable {
  requests: number = 0;
  readonly #server: ReturnType<typeof createServer>;

  /** `answer`: default: its name. */
  constructor(
    name: string,
    answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
      void response.end(name),
  ) {
    this.#server = createServer((request, response) => {
      this.requests += 1;
      request.resume();
      answer(request, response);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
