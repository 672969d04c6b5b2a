import { Pool } from 'undici';
import { type Credential, readCredential } from './credential.ts';

/** Connections to an API that are kept, each with one request at a time, as 16 clients have them. */
export class ApiConnections implements AsyncDisposable {
  readonly #pool: Pool;

  constructor(kubeconfig: string, connections: number) {
    const { host, port, ...connect }: Credential = readCredential(kubeconfig);
    this.#pool = new Pool(`https://${host}:${port}`, { connections, pipelining: 1, connect });
  }

  /** The body of an answer. @throws Error unless its status is 2xx */
  async ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<string> {
    const answer = await this.#pool.request({
      method,
      path,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode < 300) return text;
    throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 200)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
