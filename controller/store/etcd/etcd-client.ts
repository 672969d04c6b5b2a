import { Agent, type Dispatcher, request } from 'undici';
import { describeError, jsonLines, PortolanError } from '../../base/index.ts';

/** How to reach an etcd cluster. */
export interface EtcdAccess {
  /** Client URLs of the members, `https://10.0.0.1:2379`; at least one. */
  readonly endpoints: readonly string[];
  /** PEM texts: the authority of the members, and what this daemon shows them. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly user?: { readonly name: string; readonly password: string };
}

/** No member answered, or one refused. */
export class EtcdError extends PortolanError {
  /** Nothing answered: what was asked may have happened or not. */
  readonly isSilence: boolean;

  constructor(message: string, isSilence: boolean, options?: ErrorOptions) {
    super('EtcdError', message, options);
    this.isSilence = isSilence;
  }
}

/** An answer must come within this: a member without a leader says so only after its own seven. */
const callTimeoutMs = 5_000;
/** etcd's own limit on a request is 1.5 MiB; a list page of a thousand is far below this. */
const maxBodyBytes = 128 * 2 ** 20;

/**
 * etcd's API v3 through the JSON gateway that every member serves beside gRPC (etcd.io/docs,
 * "gRPC gateway"): keys and values are base64, 64-bit numbers are texts. Asks one member until it
 * fails, then the next.
 */
export class EtcdClient implements AsyncDisposable {
  readonly #access: EtcdAccess;
  readonly #agent: Agent;
  #member = 0;
  #token: string | undefined;

  constructor(access: EtcdAccess) {
    const { ca, cert, key } = access;
    this.#access = access;
    this.#agent = new Agent({
      connect: {
        timeout: 2_000,
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
      },
    });
  }

  /** The member that is asked now. */
  get endpoint(): string {
    return this.#access.endpoints[this.#member] ?? '';
  }

  /** The next member is asked from now on. */
  rotate(): void {
    this.#member = (this.#member + 1) % this.#access.endpoints.length;
  }

  /** POST of one message, such as `/v3/kv/range`. @throws EtcdError */
  async call(path: string, body: object): Promise<unknown> {
    const signal = AbortSignal.timeout(callTimeoutMs);
    const answer = await this.#post(path, body, signal);
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > maxBodyBytes) throw new Error(`more than ${maxBodyBytes} bytes`);
        chunks.push(chunk);
      }
      return JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch (cause) {
      throw this.#silence(path, cause);
    }
  }

  /** The messages of a stream, such as `/v3/watch`, until it ends. @throws EtcdError */
  async *stream(path: string, body: object, signal: AbortSignal): AsyncGenerator {
    const answer = await this.#post(path, body, signal);
    try {
      for await (const line of jsonLines(answer.body, maxBodyBytes)) yield resultOf(line);
    } catch (cause) {
      throw cause instanceof EtcdError ? cause : this.#silence(path, cause);
    } finally {
      answer.body.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async #post(path: string, body: object, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const answer = await this.#tryPost(path, body, signal);
    if (answer.statusCode < 300) return answer;
    const failure = await answer.body.json().catch(() => undefined);
    const message = messageOf(failure) ?? `status ${answer.statusCode}`;
    const isExpired = answer.statusCode === 401 && this.#token !== undefined;
    if (!isExpired) throw new EtcdError(`${this.endpoint}: ${message}`, answer.statusCode >= 500);
    // Tokens last five minutes by default.
    this.#token = undefined;
    return await this.#post(path, body, signal);
  }

  async #tryPost(
    path: string,
    body: object,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { user } = this.#access;
    if (user && this.#token === undefined) await this.#authenticate(user, signal);
    return await this.#send(path, body, signal);
  }

  async #send(path: string, body: object, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await request(this.endpoint + path, {
        method: 'POST',
        dispatcher: this.#agent,
        headers: {
          'content-type': 'application/json',
          ...(this.#token !== undefined && { authorization: this.#token }),
        },
        body: JSON.stringify(body),
        signal,
        // Streams are silent for long; whoever reads one looks after it.
        bodyTimeout: 0,
      });
    } catch (cause) {
      throw this.#silence(path, cause);
    }
  }

  async #authenticate(
    { name, password }: NonNullable<EtcdAccess['user']>,
    signal: AbortSignal,
  ): Promise<void> {
    const answer = await this.#send('/v3/auth/authenticate', { name, password }, signal);
    const body = (await answer.body.json().catch(() => ({}))) as { readonly token?: unknown };
    if (answer.statusCode >= 300 || typeof body.token !== 'string') {
      const message = messageOf(body) ?? `status ${answer.statusCode}`;
      throw new EtcdError(`${this.endpoint} does not let "${name}" in: ${message}`, false);
    }
    this.#token = body.token;
  }

  #silence(path: string, cause: unknown): EtcdError {
    if (cause instanceof EtcdError) return cause;
    return new EtcdError(`${this.endpoint}${path}: ${describeError(cause)}`, true, { cause });
  }
}

/** Each message of a stream is wrapped, and so is the error that ends one. */
function resultOf(line: unknown): unknown {
  const { result, error } = line as { readonly result?: unknown; readonly error?: unknown };
  if (error !== undefined) throw new EtcdError(messageOf(error) ?? 'the stream failed', true);
  return result;
}

function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { message, error } = body as { readonly message?: unknown; readonly error?: unknown };
  if (typeof message === 'string') return message;
  return typeof error === 'string' ? error : undefined;
}
