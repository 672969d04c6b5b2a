import type { TcpSession } from './session.ts';

/** All TCP sessions of the plane: the bound on them, and who is swept. */
export class TcpSessionTable {
  readonly #limit: number;
  readonly #sessions = new Set<TcpSession>();
  #onEmpty: (() => void) | undefined = undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get isFull(): boolean {
    return this.#sessions.size >= this.#limit;
  }

  add(session: TcpSession): void {
    this.#sessions.add(session);
  }

  remove(session: TcpSession): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) this.#notifyEmpty();
  }

  /** Calls back once there is no session, which may be at once. One caller at a time. */
  whenEmpty(callback: () => void): void {
    this.#onEmpty = callback;
    if (this.#sessions.size === 0) this.#notifyEmpty();
  }

  sweep(nowMs: number): void {
    for (const session of this.#sessions) session.sweep(nowMs);
  }

  abortAll(): void {
    for (const session of this.#sessions) session.abort();
  }

  #notifyEmpty(): void {
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }
}
