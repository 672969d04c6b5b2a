import type { Clock, Random } from '../../../controller/base/index.ts';
import { formatUpstream, type Upstream } from './upstream.ts';

/** In which order upstreams that work are asked. */
export type Policy = 'random' | 'round_robin' | 'sequential';

export interface PoolOptions {
  readonly policy: Policy;
  /** More failed checks than this, and an upstream is down; 0: never. */
  readonly maxFails: number;
  readonly checkIntervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Asks an upstream whether it lives. Never rejects. */
  readonly check: (upstream: Upstream) => Promise<boolean>;
  /** A check failed. */
  readonly onCheckFailed: (upstream: Upstream) => void;
}

interface Standing {
  failedChecks: number;
  timer: Disposable | undefined;
}

/**
 * The upstreams, and which of them failed of late. One that failed is checked until it answers;
 * meanwhile it is asked only after the others, and once it is down, only if all are.
 */
export class UpstreamPool implements Disposable {
  readonly #options: PoolOptions;
  #upstreams: readonly Upstream[] = [];
  readonly #suspects: Map<string, Standing> = new Map();
  #turn = 0;
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get upstreams(): readonly Upstream[] {
    return this.#upstreams;
  }

  /** What is known of upstreams that stay is kept. */
  replace(upstreams: readonly Upstream[]): void {
    this.#upstreams = upstreams;
    const names = new Set(upstreams.map(formatUpstream));
    for (const name of this.#suspects.keys()) if (!names.has(name)) this.#clear(name);
  }

  /** In the order in which to ask: those that work by the policy, suspects, those that are down. */
  order(): readonly Upstream[] {
    const drawn = this.#byPolicy();
    if (this.#suspects.size === 0) return drawn;
    const rank = (upstream: Upstream): number => {
      const standing = this.#suspects.get(formatUpstream(upstream));
      return standing === undefined ? 0 : this.#isDown(standing) ? 2 : 1;
    };
    return drawn.toSorted((a, b) => rank(a) - rank(b));
  }

  get allDown(): boolean {
    const isDown = (upstream: Upstream): boolean => {
      const standing = this.#suspects.get(formatUpstream(upstream));
      return standing !== undefined && this.#isDown(standing);
    };
    return this.#upstreams.length > 0 && this.#upstreams.every(isDown);
  }

  /** Any answer, whatever its rcode. */
  answered(upstream: Upstream): void {
    if (this.#suspects.size > 0) this.#clear(formatUpstream(upstream));
  }

  /** No answer: checks start, and go on until one succeeds. */
  failed(upstream: Upstream): void {
    const name = formatUpstream(upstream);
    if (this.#suspects.has(name) || this.#stopped) return;
    const standing: Standing = { failedChecks: 0, timer: undefined };
    this.#suspects.set(name, standing);
    this.#schedule(upstream, standing);
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    for (const name of this.#suspects.keys()) this.#clear(name);
  }

  #schedule(upstream: Upstream, standing: Standing): void {
    const { clock, checkIntervalMs } = this.#options;
    standing.timer = clock.schedule(checkIntervalMs, () => void this.#check(upstream, standing));
  }

  async #check(upstream: Upstream, standing: Standing): Promise<void> {
    const name = formatUpstream(upstream);
    const lives = await this.#options.check(upstream);
    if (this.#suspects.get(name) !== standing) return;
    if (lives) {
      this.#clear(name);
      return;
    }
    standing.failedChecks += 1;
    this.#options.onCheckFailed(upstream);
    this.#schedule(upstream, standing);
  }

  #isDown({ failedChecks }: Standing): boolean {
    return this.#options.maxFails > 0 && failedChecks > this.#options.maxFails;
  }

  #clear(name: string): void {
    this.#suspects.get(name)?.timer?.[Symbol.dispose]();
    this.#suspects.delete(name);
  }

  #byPolicy(): readonly Upstream[] {
    switch (this.#options.policy) {
      case 'sequential':
        return this.#upstreams;
      case 'round_robin': {
        const first = this.#turn % Math.max(1, this.#upstreams.length);
        this.#turn = first + 1;
        return [...this.#upstreams.slice(first), ...this.#upstreams.slice(0, first)];
      }
      case 'random':
        return shuffle(this.#upstreams, this.#options.random);
    }
  }
}

/** Fisher and Yates. */
function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  const drawn: T[] = [];
  for (const item of items) {
    const at = Math.floor(random() * (drawn.length + 1));
    drawn.splice(at, 0, item);
  }
  return drawn;
}
