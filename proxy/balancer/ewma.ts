import type { Random } from '../../controller/base/index.ts';
import { ActiveCounts } from './active-counts.ts';
import type { Balancer, Pick, Target } from './balancer.ts';
import { candidatesOf } from './candidates.ts';
import { WeightedDraw } from './weighted-draw.ts';

/** How fast an old latency is forgotten: after this long it counts for 1/e. Finagle's default. */
const decayMs = 10_000;

/** What is remembered of a target's answers. */
interface Latency {
  ms: number;
  atMs: number;
}

/**
 * Peak EWMA: draws two targets by their shares and takes the one from which an answer is expected
 * earlier, its latency times the requests under way there. A slow answer counts at once, fast ones
 * only little by little, so that a target that begins to stall is left at its first sign (Finagle).
 * Where nobody measures answers, as at L4, it is `p2c`.
 */
export class PeakEwma<T extends Target> implements Balancer<T> {
  readonly algorithm = 'ewma';
  readonly #random: Random;
  readonly #active = new ActiveCounts();
  readonly #latencies = new Map<string, Latency>();
  #counts = new Map<string, { readonly active: number }>();
  #draw: WeightedDraw<T> = new WeightedDraw<T>([]);

  constructor(random: Random) {
    this.#random = random;
  }

  update(targets: readonly T[]): void {
    const ids = targets.map(({ id }) => id);
    const counts = this.#active.update(ids);
    this.#counts = new Map(ids.map((id, place) => [id, counts[place] ?? { active: 0 }]));
    this.#draw = new WeightedDraw(candidatesOf(targets));
    const current = new Set(ids);
    for (const id of this.#latencies.keys()) if (!current.has(id)) this.#latencies.delete(id);
  }

  pick({ exclude }: Pick): T | undefined {
    const first = this.#draw.draw(this.#random(), -1, exclude);
    if (first < 0) return undefined;
    const second = this.#draw.draw(this.#random(), first, exclude);
    const winner = second >= 0 && this.#cost(second) < this.#cost(first) ? second : first;
    return this.#draw.candidates[winner]?.target;
  }

  started(id: string): void {
    this.#active.started(id);
  }

  ended(id: string): void {
    this.#active.ended(id);
  }

  answered(id: string, latencyMs: number, nowMs: number): void {
    // Picked before an update took it away.
    if (!this.#counts.has(id)) return;
    const known = this.#latencies.get(id);
    if (!known) {
      this.#latencies.set(id, { ms: latencyMs, atMs: nowMs });
      return;
    }
    const kept = Math.exp(-Math.max(0, nowMs - known.atMs) / decayMs);
    known.ms = latencyMs > known.ms ? latencyMs : known.ms * kept + latencyMs * (1 - kept);
    known.atMs = nowMs;
  }

  /** A target that has not answered yet is tried: it costs nothing but what is under way. */
  #cost(place: number): number {
    const candidate = this.#draw.candidates[place];
    if (!candidate) return Number.POSITIVE_INFINITY;
    const { id } = candidate.target;
    const active = this.#counts.get(id)?.active ?? 0;
    const latencyMs = this.#latencies.get(id)?.ms ?? 0;
    return ((latencyMs + 1) * (active + 1)) / candidate.weight;
  }
}
