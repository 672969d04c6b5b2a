import { type Clock, describeError } from '../../../controller/base/index.ts';
import type { BindFailure } from './bind-problem.ts';
import type { ListenPoint } from './listen-plan.ts';

/** A listener of either protocol. */
export interface BoundListener extends AsyncDisposable {
  readonly port: number;
}

/** Back-off between tries at an address that can't be had: 1 s, doubling up to 30 s. */
const firstRetryMs = 1000;
const longestRetryMs = 30_000;

/** What a binding is told when it is made. */
export interface BindingOptions {
  readonly clock: Clock;
  /** Tries once. @throws AddressClaimed or NodeJS.ErrnoException if the address can't be had */
  readonly listen: () => Promise<BoundListener>;
  /** A later try than the first ended differently from the one before. */
  readonly changed: () => void;
}

/** Another Service port of this plane has the address. */
export class AddressClaimed extends Error {
  readonly holder: string;

  constructor(holder: string) {
    super(`served for ${holder}`);
    this.holder = holder;
  }
}

/** One address that should be listened on: tries until it is, and until it is disposed. */
export class Binding implements AsyncDisposable {
  /** Its role may change while the socket stays. */
  point: ListenPoint;
  readonly #options: BindingOptions;
  #listener: BoundListener | undefined = undefined;
  #failure: BindFailure | undefined = undefined;
  #retry: Disposable | undefined = undefined;
  #retryMs = firstRetryMs;
  #opening: Promise<void> | undefined = undefined;
  #disposed = false;

  constructor(point: ListenPoint, options: BindingOptions) {
    this.point = point;
    this.#options = options;
  }

  /** Why it does not listen; undefined while it does. */
  get failure(): BindFailure | undefined {
    return this.#failure;
  }

  /** Undefined while it does not listen. */
  get listener(): BoundListener | undefined {
    return this.#listener;
  }

  /** The first try. Resolves once it ended, one way or the other. */
  open(): Promise<void> {
    this.#opening = this.#try();
    return this.#opening;
  }

  async #try(): Promise<void> {
    try {
      const listener = await this.#options.listen();
      if (this.#disposed) await listener[Symbol.asyncDispose]();
      else this.#listener = listener;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = failureOf(error);
      if (!this.#disposed) this.#retryLater();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#retry?.[Symbol.dispose]();
    // A try under way would hold the address that somebody else is about to be given.
    await this.#opening;
    await this.#listener?.[Symbol.asyncDispose]();
    this.#listener = undefined;
  }

  #retryLater(): void {
    this.#retry = this.#options.clock.schedule(this.#retryMs, () => void this.#tryAgain());
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
  }

  async #tryAgain(): Promise<void> {
    const before = this.#failure?.code;
    await this.open();
    if (!this.#disposed && this.#failure?.code !== before) this.#options.changed();
  }
}

function failureOf(error: unknown): BindFailure {
  if (error instanceof AddressClaimed) return { code: 'CLAIMED', holder: error.holder };
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return { code: error.code };
  }
  return { code: describeError(error) };
}
