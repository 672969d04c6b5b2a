import { Agent, request } from 'undici';

/** A request without body to a server that is no endpoint of ours. */
export interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** The head of what it answered; the body is dropped. */
export interface AskedResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Asks once: redirects are not followed. Rejects when there is no answer in time. */
export type HttpAsk = (asked: AskedRequest) => Promise<AskedResponse>;

/** `HttpAsk` over connections that are kept. */
export class HttpClient implements AsyncDisposable {
  // Certificates are verified: who answers for somebody else's access must prove its name.
  readonly #agent = new Agent({ connections: 128, pipelining: 1, maxHeaderSize: 65_536 });

  readonly ask: HttpAsk = async ({ method, url, fields, signal, timeoutMs }) => {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: this.#agent,
      method,
      headers: fields.flatMap((pair) => [...pair]),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    await body.dump({ limit: 65_536 });
    return { status: statusCode, fields: Object.entries(headers).flatMap(pairs) };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

function pairs([name, value]: readonly [string, string | string[] | undefined]): [
  string,
  string,
][] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [[name, value]] : value.map((one) => [name, one]);
}
