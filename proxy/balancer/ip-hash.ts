import type { Balancer, Pick, Target } from './balancer.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { clientIPStart } from './client-ip.ts';
import { hashText, scatter } from './hash.ts';

/**
 * Weighted rendezvous hashing: a client goes to the target with the highest `-weight / ln(u)`,
 * u in (0, 1) drawn from both their hashes (Schindelhauer and Schomaker 2005). A target that goes
 * moves its own clients and no others; one that comes takes its share and no more. No state, so
 * all workers and nodes agree. O(targets), as Maglev's O(1) table moves bystanders too.
 */
export class IpHash<T extends Target> implements Balancer<T> {
  readonly algorithm = 'ip_hash';
  /** By weight: within a run of equal weights the largest u wins, so each run needs one `ln`. */
  #candidates: readonly Candidate<T>[] = [];
  #hashes: Uint32Array = new Uint32Array(0);

  update(targets: readonly T[]): void {
    this.#candidates = candidatesOf(targets).toSorted((a, b) => a.weight - b.weight);
    this.#hashes = Uint32Array.from(this.#candidates, ({ target }) => hashText(target.id));
  }

  pick({ clientIP, exclude }: Pick): T | undefined {
    const client = hashText(clientIP, clientIPStart(clientIP));
    const length = this.#candidates.length;
    let best: T | undefined;
    let bestScore = -1;
    for (let place = 0; place < length; ) {
      const weight = this.#candidates[place]?.weight ?? 1;
      let runBest: T | undefined;
      let runDraw = -1;
      for (; place < length; place += 1) {
        const candidate = this.#candidates[place];
        if (!candidate || candidate.weight !== weight) break;
        const draw = scatter(client ^ (this.#hashes[place] ?? 0));
        if (draw > runDraw && !exclude?.has(candidate.target.id)) {
          runBest = candidate.target;
          runDraw = draw;
        }
      }
      if (runBest === undefined) continue;
      const score = -weight / Math.log((runDraw + 0.5) / 2 ** 32);
      if (score > bestScore) {
        best = runBest;
        bestScore = score;
      }
    }
    return best;
  }

  started(): void {}
  ended(): void {}
}
