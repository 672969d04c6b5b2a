import type { Clock } from '../../controller/base/index.ts';
import { canonicalClientIP } from './client-ip.ts';

export interface AffinityOptions {
  readonly clock: Clock;
  /** How long after its last new connection a client is remembered. */
  readonly timeoutSec: number;
  /** Clients remembered at once; above it, who has been away longest is forgotten. */
  readonly limit?: number;
}

/** Room of an nftables set without a size, kube-proxy's own bound: some 10 MB when full. */
const defaultLimit = 65_535;

interface Tie {
  readonly targetId: string;
  readonly lastUsedMs: number;
}

/** Below this many clients the table is not searched for expired ones. */
const smallestSweep = 64;

/**
 * ClientIP session affinity of one Service port: which target each client went to last. Ask it
 * before the balancer, and tell it what the balancer chose. Entries stand in order of last use,
 * so the oldest are in front. They are swept in batches: a Map leaves holes in front where
 * entries were renewed, and walking over them each time would cost more than all the rest.
 */
export class AffinityTable {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #ties = new Map<string, Tie>();
  #timeoutMs: number;
  #sweepAt: number;

  constructor({ clock, timeoutSec, limit = defaultLimit }: AffinityOptions) {
    this.#clock = clock;
    this.#timeoutMs = timeoutSec * 1000;
    this.#limit = limit;
    this.#sweepAt = Math.min(limit, smallestSweep);
  }

  /** Clients remembered now, expired ones perhaps among them. Never above the limit. */
  get size(): number {
    return this.#ties.size;
  }

  /** Also for ties made earlier: the time since their last use counts. */
  setTimeoutSec(timeoutSec: number): void {
    this.#timeoutMs = timeoutSec * 1000;
  }

  /**
   * The client's target, its tie renewed. `usable`: the targets that policy, health and readiness
   * leave, by id. Eligibility comes first: a tie to any other target is cut for good.
   */
  find<T>(clientIP: string, usable: ReadonlyMap<string, T>): T | undefined {
    const tie = this.#ties.get(canonicalClientIP(clientIP));
    if (!tie) return undefined;
    const target = this.#isExpired(tie) ? undefined : usable.get(tie.targetId);
    if (target === undefined) this.release(clientIP);
    else this.bind(clientIP, tie.targetId);
    return target;
  }

  /** Ties the client to the target that it was just sent to. */
  bind(clientIP: string, targetId: string): void {
    const client = canonicalClientIP(clientIP);
    this.#ties.delete(client); // so that it goes to the end of the order
    if (this.#ties.size >= this.#sweepAt) this.#sweep();
    this.#ties.set(client, { targetId, lastUsedMs: this.#clock.nowMs() });
  }

  /** Cuts the client's tie, as when its target refused the connection. */
  release(clientIP: string): void {
    this.#ties.delete(canonicalClientIP(clientIP));
  }

  #isExpired({ lastUsedMs }: Tie): boolean {
    return this.#clock.nowMs() - lastUsedMs >= this.#timeoutMs;
  }

  /** Forgets expired clients, and a sixteenth of the oldest when the table is nearly full. */
  #sweep(): void {
    const room = this.#limit - Math.max(1, this.#limit >> 4);
    for (const [client, tie] of this.#ties) {
      if (!this.#isExpired(tie) && this.#ties.size <= room) break;
      this.#ties.delete(client);
    }
    this.#sweepAt = Math.min(this.#limit, Math.max(smallestSweep, 2 * this.#ties.size));
  }
}
