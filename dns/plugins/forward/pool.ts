import type { Clock, Random } from '../../../controller/base/index.ts';
import { formatUpstream, type Upstream } from './upstream.ts';

/** First rest after a failure; doubles with each further one. */
const restMs = 1000;
const maxRestMs = 16_000;

interface Standing {
  failures: number;
  /** Monotonic; asked only after others until then. */
  restsUntilMs: number;
}

/** The upstreams, and which of them failed of late. */
export class UpstreamPool {
  readonly #clock: Clock;
  readonly #random: Random;
  #upstreams: readonly Upstream[] = [];
  #standings: Map<string, Standing> = new Map();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  get upstreams(): readonly Upstream[] {
    return this.#upstreams;
  }

  /** What is known of upstreams that stay is kept. */
  replace(upstreams: readonly Upstream[]): void {
    this.#upstreams = upstreams;
    const names = new Set(upstreams.map(formatUpstream));
    this.#standings = new Map([...this.#standings].filter(([name]) => names.has(name)));
  }

  /**
   * In the order in which to ask: those that work at random, then those that rest. One whose rest
   * is over is asked again by the next query that draws it; its answer makes it whole.
   */
  order(): readonly Upstream[] {
    const nowMs = this.#clock.nowMs();
    const rests = (upstream: Upstream): boolean =>
      (this.#standings.get(formatUpstream(upstream))?.restsUntilMs ?? 0) > nowMs;
    const shuffled = shuffle(this.#upstreams, this.#random);
    return [...shuffled.filter((one) => !rests(one)), ...shuffled.filter(rests)];
  }

  /** Any answer, whatever its rcode. */
  answered(upstream: Upstream): void {
    this.#standings.delete(formatUpstream(upstream));
  }

  failed(upstream: Upstream): void {
    const name = formatUpstream(upstream);
    const failures = (this.#standings.get(name)?.failures ?? 0) + 1;
    const rest = Math.min(restMs * 2 ** (failures - 1), maxRestMs);
    this.#standings.set(name, { failures, restsUntilMs: this.#clock.nowMs() + rest });
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
