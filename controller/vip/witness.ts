import type { Clock, Log, Random } from '../base/index.ts';
import {
  LeaderElection,
  LeaseConflict,
  type LeaseLock,
  type LeaseTimings,
  WhileLeading,
} from '../cluster/index.ts';
import type { WitnessSpec } from './speaker/virtual-router.ts';

export interface WitnessOptions {
  readonly lock: LeaseLock;
  readonly spec: WitnessSpec;
  /** Unlike that of every other daemon, also of one before a restart. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The addresses may be held for so long, in milliseconds; infinite: until `revoke`. */
  readonly grant: (forMs: number) => void;
  readonly revoke: (reason: string) => void;
}

/**
 * How a Lease fences: the holder lets the addresses go before anybody else may take them. Both
 * margins are a third of the duration, so that late packets and timers are no two holders.
 */
export function witnessTimings({ leaseDurationMs }: WitnessSpec): LeaseTimings {
  return {
    leaseDurationMs,
    renewDeadlineMs: (leaseDurationMs * 2) / 3,
    retryPeriodMs: leaseDurationMs / 6,
  };
}

/** By how much a witness makes the longest failover longer: a dead holder's Lease has to run out. */
export function witnessDelayMs(spec: WitnessSpec): number {
  const { leaseDurationMs, retryPeriodMs } = witnessTimings(spec);
  // client-go's jitter makes a retry up to a fifth later; the first one may just have been made.
  return leaseDurationMs + 1.2 * retryPeriodMs;
}

/**
 * Asks a Lease whether a virtual router may be Active, for as long as it wants to be. Preferring
 * consistency, no answer is a no; preferring availability, it is a yes, until another holder shows.
 */
export class Witness implements AsyncDisposable {
  readonly #options: WitnessOptions;
  readonly #contending: WhileLeading;
  /** The last renewal by somebody else that was seen. */
  #others: string | undefined;
  #unanswered = false;
  #leading = false;
  /** Held without the Lease, since nobody answered. */
  #unwitnessed = false;

  constructor(options: WitnessOptions) {
    this.#options = options;
    const { clock, random, log, identity, spec } = options;
    const lock = this.#watched(options.lock);
    this.#contending = new WhileLeading(
      async () =>
        new LeaderElection({
          lock,
          identity,
          timings: witnessTimings(spec),
          clock,
          random,
          log,
          onChange: (leading) => this.#changed(leading),
          onRenewed: (untilMs) => this.#renewed(untilMs),
        }),
      clock,
      log,
    );
  }

  /** The router asks to become Active, or is; false: it is not any more, and the Lease is given up. */
  want(wanted: boolean): void {
    if (!wanted) this.#unwitnessed = false;
    this.#contending.set(wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#contending[Symbol.asyncDispose]();
  }

  #renewed(untilMs: number): void {
    const { spec, clock, grant } = this.#options;
    this.#unwitnessed = false;
    grant(spec.prefer === 'availability' ? Number.POSITIVE_INFINITY : untilMs - clock.nowMs());
  }

  #changed(leading: boolean): void {
    this.#leading = leading;
    if (leading) return;
    if (this.#unanswered && this.#options.spec.prefer === 'availability') this.#goOnAlone();
    else this.#options.revoke('the witness gives the addresses to another node');
  }

  #goOnAlone(): void {
    if (this.#unwitnessed) return;
    this.#unwitnessed = true;
    const { log, lock, grant } = this.#options;
    log.warn({ lease: lock.name }, 'the witness does not answer: addresses are held without it');
    grant(Number.POSITIVE_INFINITY);
  }

  /** Sees what the election reads, and that it cannot. */
  #watched(lock: LeaseLock): LeaseLock {
    return {
      name: lock.name,
      read: async () => {
        const found = await this.#noting(() => lock.read());
        if (found) this.#seen(found.record.holderIdentity, found.record.renewTime);
        return found;
      },
      create: async (record) => await this.#noting(() => lock.create(record)),
      update: async (record, version) => await this.#noting(() => lock.update(record, version)),
    };
  }

  async #noting<T>(ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      this.#unanswered = false;
      return answer;
    } catch (error) {
      this.#unanswered = !(error instanceof LeaseConflict);
      const { prefer } = this.#options.spec;
      if (this.#unanswered && !this.#leading && prefer === 'availability') this.#goOnAlone();
      throw error;
    }
  }

  /** A renewal by somebody else: who is alive and holds the Lease holds the addresses. */
  #seen(holder: string, renewTime: string): void {
    if (holder === '' || holder === this.#options.identity) {
      this.#others = undefined;
      return;
    }
    const renewal = `${holder} ${renewTime}`;
    const isAlive = this.#others !== undefined && this.#others !== renewal;
    this.#others = renewal;
    if (!isAlive || !this.#unwitnessed) return;
    this.#unwitnessed = false;
    this.#options.revoke('the witness answers again, and another node renews the Lease');
  }
}
