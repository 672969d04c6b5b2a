import type { Clock } from '../../../controller/base/index.ts';
import type { LimitAnswers, LimitAsk, LimitAsks } from './asks.ts';
import type { LimitStore } from './limit-store.ts';
import { MemoryLimitStore } from './memory-limit-store.ts';

/** How the owner of the counts is reached. */
export interface LeaseOptions {
  readonly clock: Clock;
  readonly send: (asks: LimitAsks) => void;
  /** Calls when the requests of this moment have been seen: their asks travel together. */
  readonly soon: (call: () => void) => void;
}

/** An owner that is silent for longer is busy; requests are not to wait for it. */
const patienceMs = 250;
/** More would be answered late: those beyond are counted here. */
const mostWaiting = 20_000;
/** Leases remembered, some 10 MB. */
const mostLeases = 65_536;

/** Tokens in hand, or the knowledge that there are none. */
interface Lease {
  tokens: number;
  /** When the tokens are void, or when to ask again. */
  readonly untilMs: number;
}

/** One ask and all that wait for it. */
interface Waiting {
  readonly ask: LimitAsk;
  readonly resolves: ((isGranted: boolean) => void)[];
}

type TakeAsk = LimitAsk & { readonly kind: 'take' };

interface Batch {
  readonly asked: readonly Waiting[];
  timer: Disposable | undefined;
}

/**
 * Counts that another process owns. Tokens come in leases: one at a time up to a hundred in a
 * second, of faster buckets what flows in 10 ms. What is not used in the time in which it flows
 * back is void, so no more is ever granted than one process would grant; and less only by what
 * lies in other processes' hands. A bucket that is empty is known here until it is not.
 */
export class LeasedLimitStore implements LimitStore {
  readonly #options: LeaseOptions;
  readonly #alone: MemoryLimitStore;
  readonly #leases = new Map<string, Lease>();
  #gathered: Waiting[] = [];
  /** Those of the gathered that take tokens, by key. */
  readonly #takes = new Map<string, Waiting>();
  /** Under way. Given up: without a timer, and nobody waits. */
  readonly #batches = new Map<number, Batch>();
  #waiting = 0;
  #batchId = 0;
  /** The owner let a batch wait for too long and has said nothing since. */
  #isSilent = false;
  /** Entered while the owner was silent. */
  readonly #enteredAlone = new Map<string, number>();

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#alone = new MemoryLimitStore(() => options.clock.nowMs());
  }

  take(key: string, intervalMs: number, burst: number): boolean | Promise<boolean> {
    const lease = this.#leases.get(key);
    if (lease && this.#options.clock.nowMs() < lease.untilMs) {
      if (lease.tokens === 0) return false;
      lease.tokens -= 1;
      if (lease.tokens === 0) this.#leases.delete(key);
      return true;
    }
    return this.#ask({ kind: 'take', key, intervalMs, burst, tokens: leaseOf(intervalMs, burst) });
  }

  enter(key: string, most: number): boolean | Promise<boolean> {
    return this.#ask({ kind: 'enter', key, most });
  }

  leave(key: string): void {
    const alone = this.#enteredAlone.get(key) ?? 0;
    if (alone > 0) {
      if (alone > 1) this.#enteredAlone.set(key, alone - 1);
      else this.#enteredAlone.delete(key);
      this.#alone.leave(key);
      return;
    }
    this.#gather({ ask: { kind: 'leave', key }, resolves: [] });
  }

  /** For the channel to the owner. */
  answered({ id, answers }: LimitAnswers): void {
    const batch = this.#batches.get(id);
    if (!batch) return;
    this.#batches.delete(id);
    this.#isSilent = false;
    const isLate = batch.timer === undefined;
    batch.timer?.[Symbol.dispose]();
    for (const [index, { ask, resolves }] of batch.asked.entries()) {
      const answer = answers[index] ?? 0;
      if (!isLate) {
        this.#waiting -= resolves.length;
        for (const [place, resolve] of resolves.entries()) resolve(place < answer);
        if (ask.kind === 'take') this.#keep(ask, answer, answer - resolves.length);
      } else if (ask.kind === 'enter' && answer > 0) {
        // Nobody waits for it any more.
        this.#gather({ ask: { kind: 'leave', key: ask.key }, resolves: [] });
      }
    }
  }

  /** Tokens that are left are for those that follow; that there is none, likewise. */
  #keep({ key, intervalMs }: TakeAsk, answer: number, left: number): void {
    if (answer === 0 || (answer > 0 && left <= 0)) return;
    const now = this.#options.clock.nowMs();
    const forMs = answer > 0 ? left * intervalMs : -answer;
    this.#leases.delete(key);
    this.#leases.set(key, { tokens: Math.max(0, left), untilMs: now + forMs });
    if (this.#leases.size <= mostLeases) return;
    for (const oldest of this.#leases.keys()) {
      this.#leases.delete(oldest);
      return;
    }
  }

  #ask(ask: LimitAsk): boolean | Promise<boolean> {
    if (this.#isSilent || this.#waiting >= mostWaiting) return this.#decideAlone(ask);
    return new Promise((resolve) => {
      const known = ask.kind === 'take' ? this.#takes.get(ask.key) : undefined;
      if (known) known.resolves.push(resolve);
      else this.#gather({ ask, resolves: [resolve] });
      this.#waiting += 1;
    });
  }

  #gather(one: Waiting): void {
    this.#gathered.push(one);
    if (one.ask.kind === 'take') this.#takes.set(one.ask.key, one);
    if (this.#gathered.length === 1) this.#options.soon(() => this.#send());
  }

  #send(): void {
    const asked = this.#gathered;
    this.#gathered = [];
    this.#takes.clear();
    const id = ++this.#batchId;
    const timer = this.#options.clock.schedule(patienceMs, () => this.#giveUp(id));
    this.#batches.set(id, { asked, timer });
    this.#options.send({ id, asks: asked.map(written) });
  }

  /** The owner will answer all the same: what it grants then is given back. */
  #giveUp(id: number): void {
    const batch = this.#batches.get(id);
    if (!batch) return;
    batch.timer = undefined;
    this.#isSilent = true;
    for (const { ask, resolves } of batch.asked) {
      this.#waiting -= resolves.length;
      for (const resolve of resolves) resolve(this.#decideAlone(ask));
    }
  }

  #decideAlone(ask: LimitAsk): boolean {
    switch (ask.kind) {
      case 'take':
        return this.#alone.take(ask.key, ask.intervalMs, ask.burst);
      case 'enter': {
        if (!this.#alone.enter(ask.key, ask.most)) return false;
        this.#enteredAlone.set(ask.key, (this.#enteredAlone.get(ask.key) ?? 0) + 1);
        return true;
      }
      case 'leave':
        return true;
    }
  }
}

/** A token for each that waits, and no less than a lease. */
function written({ ask, resolves }: Waiting): LimitAsk {
  return ask.kind === 'take' ? { ...ask, tokens: Math.max(ask.tokens, resolves.length) } : ask;
}

function leaseOf(intervalMs: number, burst: number): number {
  return Math.max(1, Math.min(Math.floor(burst / 32), Math.floor(10 / intervalMs)));
}
