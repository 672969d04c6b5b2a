import {
  type Clock,
  describeError,
  type Log,
  type Meter,
  type Random,
  sleep,
} from '../base/index.ts';
import { jsonEqual } from '../store/index.ts';
import {
  type HeldLease,
  LeaseConflict,
  type LeaseLock,
  type LeaseRecord,
  microTime,
} from './lease-record.ts';

/** How quickly a dead leader is replaced, and how often a living one writes. */
export interface LeaseTimings {
  /** Others wait this long after the last renewal that they saw. */
  readonly leaseDurationMs: number;
  /** A leader that could not renew for this long stops: before others may start. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** What every Kubernetes controller uses: client-go's defaults. */
export const kubernetesTimings: LeaseTimings = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
};

export interface LeaderElectionOptions {
  readonly lock: LeaseLock;
  /** Unlike that of any other candidate, also of one with the same name before a restart. */
  readonly identity: string;
  readonly timings: LeaseTimings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Gets `portolan_leader`. Absent: an election about something else. */
  readonly meter?: Meter;
  /** Called with each change, before anything is awaited. */
  readonly onChange: (leading: boolean) => void;
  /** Called with each renewal: it holds until then, in the clock's milliseconds. */
  readonly onRenewed?: (untilMs: number) => void;
}

/** client-go's JitterFactor: a wait takes up to this much of it longer. */
const jitter = 1.2;

/**
 * Takes part in an election for as long as it is not disposed, with the semantics of client-go's
 * leaderelection: times are measured from when a change of the lease was seen, so clocks of nodes
 * need not agree; a leader that cannot renew steps down before another may follow.
 * Disposing gives the lease up, so that the next leader need not wait.
 */
export class LeaderElection implements AsyncDisposable {
  readonly #options: LeaderElectionOptions;
  readonly #gauge: { set(value: number): void } | undefined;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #leading = false;
  #observed: HeldLease | undefined;
  #observedAtMs = 0;
  #renewedAtMs = 0;
  #deadline: Disposable | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#gauge = options.meter
      ?.gauge({
        name: 'portolan_leader',
        help: 'Whether this daemon does the work that is done once in a cluster.',
      })
      .bind();
    this.#gauge?.set(0);
    this.#running = this.#run();
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Who leads, as last seen; '' for nobody. */
  get holder(): string {
    return this.#observed?.record.holderIdentity ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const wasLeading = this.#leading;
    this.#setLeading(false);
    if (wasLeading) await this.#release();
  }

  async #run(): Promise<void> {
    const { timings, random, lock, log, clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        if (await this.#tryAcquireOrRenew()) this.#renewed();
        else this.#setLeading(false);
      } catch (error) {
        // Not ours to lose yet: the deadline decides.
        const fields = { lease: lock.name, error: describeError(error) };
        if (error instanceof LeaseConflict) log.debug(fields, 'another candidate was first');
        else log.warn(fields, 'the lease could not be read or written');
      }
      const waitMs = this.#leading
        ? timings.retryPeriodMs
        : timings.retryPeriodMs * (1 + random() * (jitter - 1));
      await sleep(clock, waitMs, this.#stop.signal);
    }
  }

  /** True when the lease is ours now. @throws what the lock throws */
  async #tryAcquireOrRenew(): Promise<boolean> {
    const { lock, identity, clock, timings } = this.#options;
    const now = microTime(clock.wallMs());
    const own: LeaseRecord = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(timings.leaseDurationMs / 1000),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    };
    // From before the question: an answer that took long must not lengthen our hold.
    const askedAtMs = clock.nowMs();
    const found = await lock.read();
    if (found === undefined) {
      await lock.create(own);
      this.#renewedAtMs = askedAtMs;
      return true;
    }
    this.#observe(found);
    const { holderIdentity, acquireTime, leaseTransitions } = found.record;
    const isOurs = holderIdentity === identity;
    if (!isOurs && holderIdentity !== '' && this.#isHeld()) return false;
    await lock.update(
      isOurs
        ? { ...own, acquireTime, leaseTransitions }
        : { ...own, leaseTransitions: leaseTransitions + 1 },
      found.version,
    );
    this.#renewedAtMs = askedAtMs;
    return true;
  }

  #observe(found: HeldLease): void {
    if (jsonEqual(this.#observed?.record, found.record)) return;
    this.#observed = found;
    this.#observedAtMs = this.#options.clock.nowMs();
  }

  /** Whether another's lease may still be in force. */
  #isHeld(): boolean {
    const { clock, timings } = this.#options;
    return clock.nowMs() < this.#observedAtMs + timings.leaseDurationMs;
  }

  #renewed(): void {
    if (this.#stop.signal.aborted) return;
    const { clock, timings, lock, log } = this.#options;
    this.#deadline?.[Symbol.dispose]();
    const untilMs = this.#renewedAtMs + timings.renewDeadlineMs;
    const leftMs = untilMs - clock.nowMs();
    this.#deadline = clock.schedule(Math.max(0, leftMs), () => {
      log.warn({ lease: lock.name }, 'the lease could not be renewed in time');
      this.#setLeading(false);
    });
    this.#setLeading(true);
    this.#options.onRenewed?.(untilMs);
  }

  #setLeading(leading: boolean): void {
    if (!leading) this.#deadline?.[Symbol.dispose]();
    if (leading === this.#leading) return;
    this.#leading = leading;
    this.#gauge?.set(leading ? 1 : 0);
    const { lock, log, onChange } = this.#options;
    log.info({ lease: lock.name }, leading ? 'leading now' : 'not leading any more');
    onChange(leading);
  }

  async #release(): Promise<void> {
    const { lock, identity, clock, log } = this.#options;
    try {
      const found = await lock.read();
      if (found?.record.holderIdentity !== identity) return;
      const now = microTime(clock.wallMs());
      const { leaseTransitions } = found.record;
      const given: LeaseRecord = {
        holderIdentity: '',
        leaseDurationSeconds: 1,
        acquireTime: now,
        renewTime: now,
        leaseTransitions,
      };
      await lock.update(given, found.version);
    } catch (error) {
      // Then the others wait until it runs out.
      log.debug({ lease: lock.name, error: describeError(error) }, 'the lease was not given up');
    }
  }
}
