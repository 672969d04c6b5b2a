import type { PoolProtection } from '../../compile/pool-protection.ts';

/** What requests tell about one endpoint. */
interface Watched {
  active: number;
  /** In a row. */
  errors: number;
  serverErrors: number;
  ejections: number;
  ejectedUntilMs: number;
  readonly addedMs: number;
}

/** How the share of a new endpoint begins, of what it gets in the end. */
const firstShare = 0.1;

/**
 * Passive health of a pool's endpoints, and what they may be loaded with. An endpoint that fails
 * several requests in a row is ejected: not chosen for a while, which grows each time. Never more
 * than a share of the pool, so that a fault of everybody's leaves somebody to ask. One for each
 * worker: each learns from its own requests.
 */
export class EndpointWatch {
  #protection: PoolProtection;
  #watched = new Map<string, Watched>();
  /** Nothing is ejected before this, so nobody need be looked at. */
  #ejectedUntilMs = 0;
  #warmUntilMs = 0;

  constructor(protection: PoolProtection) {
    this.#protection = protection;
  }

  /** The endpoints from now on; what is known of those that stay is kept. */
  update(ids: readonly string[], protection: PoolProtection, nowMs: number): void {
    const isFirst = this.#watched.size === 0;
    // All of a new pool are new alike: nobody is there to spare them.
    const addedMs = isFirst ? Number.NEGATIVE_INFINITY : nowMs;
    this.#protection = protection;
    const before = this.#watched;
    this.#watched = new Map(ids.map((id) => [id, before.get(id) ?? fresh(addedMs)]));
    if (!isFirst && ids.some((id) => !before.has(id))) {
      this.#warmUntilMs = nowMs + protection.slowStartMs;
    }
  }

  /** Those that had better not be asked now; undefined: all may. `draw`: in [0, 1). */
  avoided(nowMs: number, draw: () => number): ReadonlySet<string> | undefined {
    const { requestsPerEndpoint, slowStartMs } = this.#protection;
    const isWarming = nowMs < this.#warmUntilMs;
    const isLimited = requestsPerEndpoint < Number.POSITIVE_INFINITY;
    if (!isWarming && !isLimited && nowMs >= this.#ejectedUntilMs) return undefined;
    const avoided = new Set<string>();
    for (const [id, one] of this.#watched) {
      const share = firstShare + ((1 - firstShare) * (nowMs - one.addedMs)) / slowStartMs;
      const isCold = isWarming && share < 1 && draw() >= share;
      if (isCold || nowMs < one.ejectedUntilMs || one.active >= requestsPerEndpoint)
        avoided.add(id);
    }
    return avoided.size > 0 ? avoided : undefined;
  }

  /** It may have no more requests than it has. */
  isFull(id: string): boolean {
    return (this.#watched.get(id)?.active ?? 0) >= this.#protection.requestsPerEndpoint;
  }

  started(id: string): void {
    const one = this.#watched.get(id);
    if (one) one.active += 1;
  }

  ended(id: string): void {
    const one = this.#watched.get(id);
    if (one && one.active > 0) one.active -= 1;
  }

  /** It answered, with this status. True: it is ejected for that. */
  answered(id: string, status: number, nowMs: number): boolean {
    const one = this.#watched.get(id);
    if (!one) return false;
    one.errors = 0;
    one.serverErrors = status >= 500 ? one.serverErrors + 1 : 0;
    if (one.serverErrors < this.#protection.consecutive5xx) return false;
    return this.#eject(one, nowMs);
  }

  /** It gave no response. True: it is ejected for that. */
  failed(id: string, nowMs: number): boolean {
    const one = this.#watched.get(id);
    if (!one) return false;
    one.errors += 1;
    return one.errors >= this.#protection.consecutiveErrors && this.#eject(one, nowMs);
  }

  #eject(one: Watched, nowMs: number): boolean {
    const { ejectionMs, maxEjectionMs, maxEjectedShare } = this.#protection;
    if (nowMs < one.ejectedUntilMs) return false;
    const ejected = [...this.#watched.values()].filter((other) => nowMs < other.ejectedUntilMs);
    if ((ejected.length + 1) / this.#watched.size > maxEjectedShare) return false;
    // Forgiven after as long again as the last time took.
    const lastMs = Math.min(maxEjectionMs, ejectionMs * one.ejections);
    if (nowMs > one.ejectedUntilMs + lastMs) one.ejections = Math.max(0, one.ejections - 1);
    one.ejections += 1;
    one.errors = 0;
    one.serverErrors = 0;
    one.ejectedUntilMs = nowMs + Math.min(maxEjectionMs, ejectionMs * one.ejections);
    this.#ejectedUntilMs = Math.max(this.#ejectedUntilMs, one.ejectedUntilMs);
    return true;
  }
}

function fresh(addedMs: number): Watched {
  return { active: 0, errors: 0, serverErrors: 0, ejections: 0, ejectedUntilMs: 0, addedMs };
}
