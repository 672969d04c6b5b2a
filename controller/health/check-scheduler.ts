import { isDeepStrictEqual } from 'node:util';
import type { Clock, Log, Random } from '../base/index.ts';
import { Check, type CheckSpec } from './check.ts';
import type { HealthMetrics, HealthState } from './health-metrics.ts';
import { Lane } from './lane.ts';
import type { Prober, Verdict } from './prober.ts';
import { healthOf, type Judgement, judge } from './thresholds.ts';
import type { ProbeOutcome } from './timed-probe.ts';

/**
 * Sockets held by checks at one moment, at most: a fifth of a usual limit of descriptors, and
 * enough for 5 000 black holes at the default interval and timeout (5 s / 1 s × 1 000).
 */
const maxNetworkProbes = 1000;
/** A process each; more would only wait for a core. */
const maxExecProbes = 16;
/**
 * How fast many new checks are let loose: one a millisecond on average. Ten endpoints have their
 * first verdicts within 10 ms; ten thousand spread over a whole interval.
 */
const spreadPerCheckMs = 1;

/** What is known about one target. */
export interface CheckState {
  readonly healthy: boolean | undefined;
  /** Why it is unhealthy. */
  readonly message: string | undefined;
  /** Unix milliseconds of the last change. */
  readonly changedWallMs: number;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: HealthMetrics;
  readonly prober: Prober;
  /** Called at the end of a probe that changed, or first explained, the health of a target. */
  readonly onChange: (owner: string) => void;
}

interface Entry {
  spec: CheckSpec;
  check: Check;
  judgement: Judgement;
  message: string | undefined;
  changedWallMs: number;
  saidInconclusive: boolean;
}

/** Runs the checks of all owners (Services, Pods) and keeps what they found. */
export class CheckScheduler implements Disposable {
  readonly #options: SchedulerOptions;
  readonly #owners = new Map<string, Map<string, Entry>>();
  readonly #networkLane = new Lane(maxNetworkProbes);
  readonly #execLane = new Lane(maxExecProbes);
  readonly #unprobed = new Set<Entry>();
  #waiters: (() => void)[] = [];

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Makes `specs` the checks of `owner`. What is unchanged goes on undisturbed. */
  replace(owner: string, specs: readonly CheckSpec[]): void {
    const before = this.#owners.get(owner) ?? new Map<string, Entry>();
    const after = new Map<string, Entry>();
    for (const spec of specs) {
      const known = before.get(spec.key);
      before.delete(spec.key);
      after.set(spec.key, known ? this.#revise(owner, known, spec) : this.#add(owner, spec));
    }
    for (const entry of before.values()) this.#remove(entry);
    if (after.size > 0) this.#owners.set(owner, after);
    else this.#owners.delete(owner);
    this.#releaseWaiters();
  }

  state(owner: string, key: string): CheckState | undefined {
    const entry = this.#owners.get(owner)?.get(key);
    return entry && { ...entry, healthy: healthOf(entry.judgement) };
  }

  /** Resolves when every target without an initial delay has been probed once. */
  settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push(resolve);
    this.#releaseWaiters();
    return promise;
  }

  [Symbol.dispose](): void {
    for (const owner of this.#owners.keys()) this.replace(owner, []);
  }

  #add(owner: string, spec: CheckSpec): Entry {
    const entry: Entry = {
      spec,
      // Recalled ones have been seen before: their delay is over.
      check: this.#start(
        owner,
        spec,
        spec.initial.kind === 'recalled' ? 0 : spec.schedule.initialDelayMs,
      ),
      judgement: spec.initial,
      message: undefined,
      changedWallMs: this.#options.clock.wallMs(),
      saidInconclusive: false,
    };
    if (spec.schedule.initialDelayMs === 0) this.#unprobed.add(entry);
    this.#options.metrics.added(stateOf(entry.judgement));
    return entry;
  }

  /** A changed check starts anew, but what it found out before stands until it says otherwise. */
  #revise(owner: string, entry: Entry, spec: CheckSpec): Entry {
    const same =
      isDeepStrictEqual(entry.spec.target, spec.target) &&
      isDeepStrictEqual(entry.spec.schedule, spec.schedule);
    if (same) return entry;
    entry.check[Symbol.dispose]();
    entry.spec = spec;
    entry.check = this.#start(owner, spec, 0);
    if (entry.judgement.kind === 'judged') entry.judgement = { ...entry.judgement, streak: 0 };
    return entry;
  }

  #remove(entry: Entry): void {
    entry.check[Symbol.dispose]();
    this.#unprobed.delete(entry);
    this.#options.metrics.removed(stateOf(entry.judgement));
  }

  #start(owner: string, spec: CheckSpec, delayMs: number): Check {
    const { clock, random, prober } = this.#options;
    const spreadMs = Math.min(spec.schedule.intervalMs, this.#unprobed.size * spreadPerCheckMs);
    return new Check(spec, delayMs + spreadMs * random(), {
      clock,
      random,
      prober,
      lane: spec.target.kind === 'exec' ? this.#execLane : this.#networkLane,
      onOutcome: (outcome) => this.#onOutcome(owner, spec.key, outcome),
    });
  }

  #onOutcome(owner: string, key: string, outcome: ProbeOutcome): void {
    const entry = this.#owners.get(owner)?.get(key);
    if (!entry) return;
    const { spec } = entry;
    const { kind } = spec.target;
    this.#options.metrics.checked(kind, outcome);
    if (outcome.verdict.kind === 'inconclusive') {
      this.#sayInconclusive(owner, entry, outcome.verdict.reason);
    } else {
      entry.saidInconclusive = false;
      this.#judge(owner, entry, outcome.verdict);
    }
    this.#unprobed.delete(entry);
    this.#releaseWaiters();
  }

  #judge(owner: string, entry: Entry, verdict: Exclude<Verdict, { kind: 'inconclusive' }>): void {
    const { clock, metrics } = this.#options;
    const before = stateOf(entry.judgement);
    const success = verdict.kind === 'healthy';
    entry.judgement = judge(entry.judgement, success, entry.spec.schedule);
    const after = stateOf(entry.judgement);
    // A target that began as unhealthy, by rule or by record, gets its reason from the first probe.
    const explains = after === 'unhealthy' && entry.message === undefined && !success;
    if (before === after && !explains) return;
    entry.message = verdict.kind === 'unhealthy' ? verdict.reason : undefined;
    if (before !== after) {
      entry.changedWallMs = clock.wallMs();
      metrics.changed(before, after);
    }
    this.#logTransition(owner, entry, before, verdict);
    this.#options.onChange(owner);
  }

  #logTransition(owner: string, entry: Entry, before: HealthState, verdict: Verdict): void {
    const { log } = this.#options;
    const fields = { owner, endpoint: entry.spec.key, check: entry.spec.target.kind };
    if (verdict.kind === 'unhealthy') {
      log.warn({ ...fields, reason: verdict.reason }, 'endpoint is unhealthy');
    } else if (verdict.kind === 'healthy' && before === 'unhealthy') {
      log.info({ ...fields, note: verdict.note }, 'endpoint is healthy');
    } else if (verdict.kind === 'healthy') {
      log.debug({ ...fields, note: verdict.note }, 'endpoint is healthy');
    }
  }

  /** Once until a probe can be made again: shortage would otherwise fill the log as well. */
  #sayInconclusive(owner: string, entry: Entry, reason: string): void {
    if (entry.saidInconclusive) return;
    entry.saidInconclusive = true;
    const fields = { owner, endpoint: entry.spec.key, reason };
    this.#options.log.warn(fields, 'health check could not be made; the last verdict stands');
  }

  #releaseWaiters(): void {
    if (this.#unprobed.size > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const release of waiters) release();
  }
}

function stateOf(judgement: Judgement): HealthState {
  const healthy = healthOf(judgement);
  if (healthy === undefined) return 'unknown';
  return healthy ? 'healthy' : 'unhealthy';
}
