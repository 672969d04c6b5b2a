import type { Choice } from '../endpoint-pool.ts';
import type { EndpointScope } from '../source-policy.ts';
import type { TcpSessionHost } from './session.ts';
import type { StreamOwner, TcpStream } from './transport.ts';

/** Who waits for a dial. Exactly one of the two is called, never before `start` returned. */
export interface DialOwner {
  /** `choice` counts as started. */
  dialled(upstream: TcpStream, choice: Choice): void;
  /** `resources`: this machine's own shortage, not the endpoints' fault. */
  undialled(cause: 'no-endpoint' | 'connect-failed' | 'resources'): void;
}

/** Errors that say nothing about the endpoint: trying another one would fail alike. */
const resourceErrors: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/**
 * Connects to one endpoint after the other until one answers. Nothing has been read from the
 * client before, so a second try can't repeat anything.
 */
export class TcpDial implements StreamOwner {
  readonly #host: TcpSessionHost;
  readonly #owner: DialOwner;
  readonly #scope: EndpointScope;
  readonly #clientIP: string;
  readonly #failed = new Set<string>();
  #current: { readonly choice: Choice; readonly stream: TcpStream } | undefined = undefined;
  #timer: Disposable | undefined = undefined;

  constructor(host: TcpSessionHost, owner: DialOwner, scope: EndpointScope, clientIP: string) {
    this.#host = host;
    this.#owner = owner;
    this.#scope = scope;
    this.#clientIP = clientIP;
  }

  /** Begins with the first endpoint, or goes on with the next. */
  start(): void {
    const { pool, timeouts, transport, clock } = this.#host;
    const attempt = this.#failed.size;
    const mayTry = attempt < timeouts.connectMs.length;
    const choice = mayTry ? pool.choose(this.#scope, this.#clientIP, this.#failed) : undefined;
    if (!choice) {
      this.#owner.undialled(attempt === 0 ? 'no-endpoint' : 'connect-failed');
      return;
    }
    pool.started(choice);
    if (attempt > 0) this.#host.metrics.retried();
    const { address, port } = choice.target;
    const stream = transport.connect(address, port, this.#host.family, this);
    this.#current = { choice, stream };
    const isLast =
      attempt + 1 === timeouts.connectMs.length || pool.isLastChoice(this.#scope, this.#failed);
    const timeoutMs = isLast ? timeouts.lastConnectMs : timeouts.connectMs[attempt];
    this.#timer = clock.schedule(timeoutMs ?? timeouts.lastConnectMs, () =>
      this.failed(stream, 'ETIMEDOUT'),
    );
  }

  /** Gives up; the owner hears nothing any more. */
  cancel(): void {
    this.#timer?.[Symbol.dispose]();
    if (!this.#current) return;
    this.#current.stream.reset();
    this.#host.pool.ended(this.#current.choice);
    this.#current = undefined;
  }

  connected(stream: TcpStream): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#current) this.#owner.dialled(stream, this.#current.choice);
  }

  failed(_stream: TcpStream, code: string): void {
    const choice = this.#current?.choice;
    if (!choice) return;
    this.cancel();
    if (resourceErrors.has(code)) {
      this.#owner.undialled('resources');
      return;
    }
    this.#host.pool.failed(choice, this.#clientIP);
    this.#host.metrics.connectFailed();
    const { key: service, log } = this.#host;
    log.debug({ service, endpoint: choice.target.id, code }, 'endpoint did not answer');
    this.#failed.add(choice.target.id);
    this.start();
  }

  // A stream that is connecting reports neither of these.
  received(): void {}
  ended(): void {}
  drained(): void {}
}
