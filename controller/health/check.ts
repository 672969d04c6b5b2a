import type { Clock, Random } from '../base/index.ts';
import type { Lane } from './lane.ts';
import type { Prober, ProbeTarget } from './prober.ts';
import type { Judgement, Thresholds } from './thresholds.ts';
import { type ProbeOutcome, startTimedProbe, type TimedProbe } from './timed-probe.ts';

/** When a target is probed and how many results decide. */
export interface CheckSchedule extends Thresholds {
  /** From start to start, at most: each interval is shortened by up to `jitterShare`. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** From when the target is first seen to its first probe. */
  readonly initialDelayMs: number;
}

/** One target to be checked. */
export interface CheckSpec {
  /** Unique within its owner, and the same as long as the judgement should live on. */
  readonly key: string;
  readonly target: ProbeTarget;
  readonly schedule: CheckSchedule;
  /** What holds until the first probe. */
  readonly initial: Judgement;
}

/**
 * Checks that started together drift apart by this share of the interval each time. It only
 * shortens, so that "out within one interval" is a promise.
 */
const jitterShare = 0.1;

/** What a check needs of the engine. */
export interface CheckTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly prober: Prober;
  readonly lane: Lane;
  readonly onOutcome: (outcome: ProbeOutcome) => void;
}

/** Probes one target again and again, never twice at a time, until disposed. */
export class Check implements Disposable {
  readonly #spec: CheckSpec;
  readonly #tools: CheckTools;
  #waiting: Disposable;
  #probe: TimedProbe | undefined;
  #disposed = false;

  constructor(spec: CheckSpec, firstDelayMs: number, tools: CheckTools) {
    this.#spec = spec;
    this.#tools = tools;
    this.#waiting = this.#schedule(firstDelayMs);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#waiting[Symbol.dispose]();
    this.#probe?.cancel();
  }

  #schedule(delayMs: number): Disposable {
    const { clock, lane } = this.#tools;
    return clock.schedule(delayMs, () => {
      this.#waiting = lane.enter(() => this.#run());
    });
  }

  async #run(): Promise<void> {
    const { clock, random, prober, onOutcome } = this.#tools;
    const { target, schedule } = this.#spec;
    const startedMs = clock.nowMs();
    this.#probe = startTimedProbe(prober, target, schedule.timeoutMs, clock);
    const outcome = await this.#probe.outcome;
    if (this.#disposed) return;
    const dueMs = startedMs + schedule.intervalMs * (1 - jitterShare * random());
    this.#waiting = this.#schedule(Math.max(0, dueMs - clock.nowMs()));
    onOutcome(outcome);
  }
}
