import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BoundCounter,
  type BoundGauge,
  type Clock,
  describeError,
  type Log,
  type Meter,
  type ProblemSink,
  type Random,
} from '../base/index.ts';
import type { Store, WatchEvent, WriteOperation } from '../store/index.ts';
import type { Reconciler } from './reconciler.ts';
import { WorkQueue } from './work-queue.ts';

/** What every reconciler's loop needs. */
export interface LoopContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
}

/** Keys planned between two looks at the event loop: some milliseconds of work. */
const keysPerTurn = 256;

/** Runs one reconciler: watches, queues keys, plans them, and writes what a turn planned at once. */
export class ReconcileLoop implements AsyncDisposable {
  readonly #reconciler: Reconciler;
  readonly #context: LoopContext;
  readonly #queue: WorkQueue;
  readonly #watch: Disposable;
  readonly #metrics: LoopMetrics;
  #running: Promise<void> | undefined;
  #listed = false;
  #stopped = false;
  #waiting: (() => void)[] = [];

  constructor(reconciler: Reconciler, context: LoopContext) {
    this.#reconciler = reconciler;
    this.#context = context;
    this.#metrics = bindMetrics(context.meter, reconciler.name);
    this.#queue = new WorkQueue(context.clock, context.random, () => this.#wake());
    this.#watch = context.store.watch(
      { kinds: reconciler.kinds, sendInitialEvents: true },
      (events) => this.#take(events),
    );
  }

  /** Everything known has been planned and written; keys that wait for a retry do not count. */
  get isIdle(): boolean {
    return this.#stopped || (this.#listed && !this.#running && this.#queue.size === 0);
  }

  /** Resolves when it is idle, or stopped. */
  async idle(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Plans these keys although no object changed: what lies outside the store did. */
  add(keys: Iterable<string>): void {
    for (const key of keys) this.#queue.add(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#watch[Symbol.dispose]();
    this.#queue[Symbol.dispose]();
    await this.#running;
    this.#tellWaiting();
  }

  #take(events: readonly WatchEvent[]): void {
    for (const event of events) {
      if (event.type !== 'BOOKMARK') this.add(this.#reconciler.observe(event));
      else if (event.initialEventsEnd) this.#listed = true;
    }
    // The whole list first: who sees half of it would allocate what the other half holds.
    if (this.#queue.size > 0) this.#wake();
    else this.#tellWaiting();
  }

  #wake(): void {
    if (this.#running || this.#stopped || !this.#listed) return;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    // Leaves the listener first, so that a batch of events becomes one turn.
    await Promise.resolve();
    while (!this.#stopped) {
      const keys = this.#queue.take(keysPerTurn);
      this.#metrics.depth.set(this.#queue.size);
      if (keys.length === 0) break;
      await this.#turn(keys);
      if (this.#queue.size > 0) await nextTurn();
    }
    this.#running = undefined;
    this.#tellWaiting();
  }

  async #turn(keys: readonly string[]): Promise<void> {
    const operations: WriteOperation[] = [];
    const owners: string[] = [];
    const failures = new Map<string, unknown>();
    for (const key of keys) {
      try {
        for (const operation of this.#plan(key)) {
          operations.push(operation);
          owners.push(key);
        }
      } catch (error) {
        failures.set(key, error);
      }
    }
    await this.#write(operations, owners, failures);
    for (const key of keys) this.#finish(key, failures);
  }

  #plan(key: string): readonly WriteOperation[] {
    const { operations, problems } = this.#reconciler.plan(key);
    this.#context.problems.replace(`${this.#reconciler.name} ${key}`, problems);
    return operations;
  }

  async #write(
    operations: readonly WriteOperation[],
    owners: readonly string[],
    failures: Map<string, unknown>,
  ): Promise<void> {
    if (operations.length === 0) return;
    try {
      const results = await this.#context.store.writeAll(operations);
      for (const [index, result] of results.entries()) {
        const owner = owners[index];
        if (result.kind === 'failed' && owner !== undefined) failures.set(owner, result.error);
      }
    } catch (error) {
      for (const owner of owners) failures.set(owner, error);
    }
  }

  #finish(key: string, failures: ReadonlyMap<string, unknown>): void {
    if (!failures.has(key)) {
      this.#metrics.succeeded.inc();
      this.#queue.succeeded(key);
      return;
    }
    const { name } = this.#reconciler;
    const error = describeError(failures.get(key));
    this.#context.log.warn({ reconciler: name, key, error }, 'reconciling failed, trying again');
    this.#metrics.failed.inc();
    if (!this.#stopped) this.#queue.failed(key);
  }

  #tellWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

interface LoopMetrics {
  readonly succeeded: BoundCounter;
  readonly failed: BoundCounter;
  readonly depth: BoundGauge;
}

function bindMetrics(meter: Meter, reconciler: string): LoopMetrics {
  const total = meter.counter({
    name: 'portolan_controller_reconciles_total',
    help: 'Keys reconciled, by outcome.',
    labelNames: ['reconciler', 'result'],
  });
  const depth = meter.gauge({
    name: 'portolan_controller_queue_keys',
    help: 'Keys that wait to be reconciled.',
    labelNames: ['reconciler'],
  });
  return {
    succeeded: total.bind({ reconciler, result: 'ok' }),
    failed: total.bind({ reconciler, result: 'failed' }),
    depth: depth.bind({ reconciler }),
  };
}
