import type { Rival, RivalCause } from './virtual-router.ts';

/** Rivals remembered of one router: more are one attack or one misconfiguration. */
const maxRivals = 16;

/** The second holders of one router's addresses that were seen lately. */
export class Rivals {
  readonly #byPeer = new Map<string, { readonly rival: Rival; readonly untilMs: number }>();

  /** True when this is news. `lastsMs`: without another sighting it is taken for gone. */
  sighted(
    cause: RivalCause,
    peer: string,
    priority: number | undefined,
    nowMs: number,
    lastsMs: number,
  ): boolean {
    const key = `${cause} ${peer}`;
    const known = this.#byPeer.get(key);
    if (!known && this.#byPeer.size >= maxRivals) return false;
    const firstSeenMs = known?.rival.firstSeenMs ?? nowMs;
    const rival = { cause, peer, priority, firstSeenMs, lastSeenMs: nowMs };
    this.#byPeer.set(key, { rival, untilMs: nowMs + lastsMs });
    return known === undefined;
  }

  /** True when one went. */
  expire(nowMs: number): boolean {
    const before = this.#byPeer.size;
    for (const [key, { untilMs }] of this.#byPeer) if (untilMs <= nowMs) this.#byPeer.delete(key);
    return this.#byPeer.size !== before;
  }

  /** When the next may have gone; undefined: there is none. */
  nextMs(): number | undefined {
    let next: number | undefined;
    for (const { untilMs } of this.#byPeer.values()) next = Math.min(next ?? untilMs, untilMs);
    return next;
  }

  /** True when there were any. */
  clear(): boolean {
    const any = this.#byPeer.size > 0;
    this.#byPeer.clear();
    return any;
  }

  list(): readonly Rival[] {
    return Array.from(this.#byPeer.values(), ({ rival }) => rival);
  }
}
