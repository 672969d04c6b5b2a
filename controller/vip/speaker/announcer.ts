import { gratuitousArp } from '../wire/arp.ts';
import { unsolicitedAdvertisement } from '../wire/neighbour.ts';

/**
 * When addresses are announced after a takeover. What leaves in one burst is lost together, so
 * that the second comes later than a switch takes to forward again; the last is for ports that
 * were still learning.
 */
const announceAfterMs: readonly number[] = [0, 50, 200, 1000, 5000];
/**
 * Then for ever: it cures caches that missed all of them, and those that learnt a rival of whom we
 * never heard: keepalived yields without a word when a cut heals.
 */
const refreshMs = 10_000;
/** A new burst because of rivals, at most this often: otherwise two rivals fill the network. */
const burstSpacingMs = 1000;

/** Decides when an Active Router announces its addresses. Monotonic milliseconds throughout. */
export class Announcer {
  #startMs: number | undefined;
  #round = 0;
  /** Asked for a new series too soon after the last: it begins then. */
  #againAtMs = Number.POSITIVE_INFINITY;

  /** Begins a new series now. */
  start(nowMs: number): void {
    this.#startMs = nowMs;
    this.#round = 0;
    this.#againAtMs = Number.POSITIVE_INFINITY;
  }

  /** Begins a new series, now or as soon as the last is old enough. */
  again(nowMs: number): void {
    if (this.#startMs === undefined) return;
    this.#againAtMs = Math.max(nowMs, this.#startMs + burstSpacingMs);
  }

  stop(): void {
    this.#startMs = undefined;
    this.#againAtMs = Number.POSITIVE_INFINITY;
  }

  /** When the next announcement is due; undefined: not announcing. */
  nextMs(): number | undefined {
    if (this.#startMs === undefined) return undefined;
    const last = announceAfterMs.at(-1) ?? 0;
    const afterMs =
      announceAfterMs[this.#round] ?? last + refreshMs * (this.#round - announceAfterMs.length + 1);
    return Math.min(this.#againAtMs, this.#startMs + afterMs);
  }

  /** The number of the round that is due, from 0; undefined: none is. */
  take(nowMs: number): number | undefined {
    const dueMs = this.nextMs();
    if (dueMs === undefined || nowMs < dueMs) return undefined;
    if (this.#againAtMs <= nowMs) this.start(nowMs);
    // Rounds that a sleep swallowed are made up for by one.
    while ((this.nextMs() ?? Number.POSITIVE_INFINITY) <= nowMs) this.#round += 1;
    return this.#round - 1;
  }
}

/** The frame of one round: ARP alternates its two forms, since some hosts honour one of them only. */
export function announcementFrame(address: string, mac: Uint8Array, round: number): Uint8Array {
  if (address.includes(':')) return unsolicitedAdvertisement(mac, address, false);
  return gratuitousArp(round % 2 === 0 ? 'request' : 'reply', mac, address);
}
