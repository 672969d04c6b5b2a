import type { LimitAnswers, LimitAsk, LimitAsks } from './asks.ts';
import { MemoryLimitStore } from './memory-limit-store.ts';
import { TokenBuckets } from './token-buckets.ts';

/** The counts of several processes, so that a limit is what it says whatever their number. */
export class LimitOwner {
  readonly #buckets: TokenBuckets;
  readonly #slots: MemoryLimitStore;
  /** What each process has under way: void when it is gone. */
  readonly #held = new Map<number, Map<string, number>>();

  constructor(nowMs: () => number) {
    this.#buckets = new TokenBuckets(nowMs);
    this.#slots = new MemoryLimitStore(nowMs);
  }

  /** Answers a process. `holder` names it. */
  answer(holder: number, { id, asks }: LimitAsks): LimitAnswers {
    return { id, answers: asks.map((ask) => this.#answerOne(holder, ask)) };
  }

  /** A process has ended, and all that it had under way. */
  gone(holder: number): void {
    for (const [key, count] of this.#held.get(holder) ?? []) {
      for (let left = count; left > 0; left -= 1) this.#slots.leave(key);
    }
    this.#held.delete(holder);
  }

  #answerOne(holder: number, ask: LimitAsk): number {
    switch (ask.kind) {
      case 'take': {
        const { key, intervalMs, burst } = ask;
        const { tokens, emptyMs } = this.#buckets.take(key, intervalMs, burst, ask.tokens);
        return tokens > 0 ? tokens : -emptyMs;
      }
      case 'enter': {
        if (!this.#slots.enter(ask.key, ask.most)) return 0;
        const held = this.#held.get(holder) ?? new Map<string, number>();
        this.#held.set(holder, held.set(ask.key, (held.get(ask.key) ?? 0) + 1));
        return 1;
      }
      case 'leave': {
        const held = this.#held.get(holder);
        const count = held?.get(ask.key) ?? 0;
        // Not its own to give back.
        if (count === 0) return 0;
        if (count > 1) held?.set(ask.key, count - 1);
        else held?.delete(ask.key);
        this.#slots.leave(ask.key);
        return 0;
      }
    }
  }
}
