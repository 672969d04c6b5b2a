import { type Dispatcher, request } from 'undici';
import { describeError, jsonLines } from '../../base/index.ts';
import { ApiError, errorOfStatus } from './api-error.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** Parameters of a request's URL; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v1/services`. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/**
 * A page of 500 objects of 1.5 MiB, the most that etcd stores in one value, is beyond any real one;
 * this is what a daemon can hold.
 */
const maxBodyBytes = 256 * 2 ** 20;
/** etcd's limit on a request, 1.5 MiB, twice over for JSON in place of protobuf, with room. */
const maxEventBytes = 8 * 2 ** 20;
/** An answer must begin within this time; a slow list is one that comes slowly. */
const headersTimeoutMs = 30_000;
const bodyTimeoutMs = 60_000;
/**
 * API servers send a bookmark to each watch about once a minute: a stream that is silent for longer
 * than two of them is dead, whatever TCP thinks.
 */
const watchSilenceMs = 150_000;

/** The few verbs of the Kubernetes API that a source needs, over one `ClusterAccess`. */
export class ApiClient {
  readonly #access: ClusterAccess;
  readonly #userAgent: string;

  constructor(access: ClusterAccess, userAgent: string) {
    this.#access = access;
    this.#userAgent = userAgent;
  }

  /** For messages: where the API is. */
  get server(): string {
    return this.#access.server;
  }

  /** @throws ApiError */
  async call(asked: ApiRequest): Promise<unknown> {
    const answer = await this.#send(asked, bodyTimeoutMs);
    return await readJson(answer.body);
  }

  /** Events of a watch, once it is open, until the server ends it. @throws ApiError, WireError */
  async *watch(asked: ApiRequest & { readonly onOpen: () => void }): AsyncGenerator {
    const answer = await this.#send(asked, watchSilenceMs);
    asked.onOpen();
    try {
      yield* jsonLines(answer.body, maxEventBytes);
    } catch (cause) {
      throw unreachable(asked, cause);
    } finally {
      answer.body.destroy();
    }
  }

  async #send(asked: ApiRequest, timeoutMs: number): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', path, body, contentType = 'application/json', signal } = asked;
    let answer: Dispatcher.ResponseData;
    try {
      const { headers, dispatcher } = await this.#access.credentials();
      answer = await request(this.#access.server + path + queryText(asked.query), {
        method,
        dispatcher,
        headers: {
          ...headers,
          accept: 'application/json',
          'user-agent': this.#userAgent,
          ...(body !== undefined && { 'content-type': contentType }),
        },
        headersTimeout: headersTimeoutMs,
        bodyTimeout: timeoutMs,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (cause) {
      throw unreachable(asked, cause);
    }
    if (answer.statusCode < 300) return answer;
    throw errorOfStatus(answer.statusCode, await readJson(answer.body).catch(() => undefined));
  }
}

async function readJson(body: Dispatcher.ResponseData['body']): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBodyBytes) {
        throw new ApiError('TooLarge', 0, `the answer has more than ${maxBodyBytes} bytes`);
      }
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError('Unreachable', 0, 'the answer broke off', { cause });
  }
}

function queryText(query: Query = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) given.set(name, String(value));
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
}

function unreachable({ method = 'GET', path }: ApiRequest, cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError('Unreachable', 0, `${method} ${path}: ${describeError(cause)}`, { cause });
}
