import type { UdpSession } from './session.ts';

/** All UDP sessions of the plane in order of last use, so that both bounds look only in front. */
export class UdpSessionTable {
  readonly #limit: number;
  readonly #idleMs: number;
  readonly #byLastUse = new Set<UdpSession>();

  constructor(limit: number, idleMs: number) {
    this.#limit = limit;
    this.#idleMs = idleMs;
  }

  get size(): number {
    return this.#byLastUse.size;
  }

  /** Notes that the session was used now; a new one may cost the place of the least used. */
  touch(session: UdpSession, nowMs: number): void {
    session.lastUsedMs = nowMs;
    if (!this.#byLastUse.delete(session) && this.#byLastUse.size >= this.#limit) {
      const [oldest] = this.#byLastUse;
      oldest?.close();
    }
    this.#byLastUse.add(session);
  }

  remove(session: UdpSession): void {
    this.#byLastUse.delete(session);
  }

  /** Closes every session that was quiet for the idle timeout. */
  expire(nowMs: number): void {
    for (const session of this.#byLastUse) {
      if (nowMs - session.lastUsedMs < this.#idleMs) return;
      session.close();
    }
  }
}
