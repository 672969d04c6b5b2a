import {
  type ApplyReport,
  type BoundGauge,
  type DataPlaneError,
  describeError,
  type ListenAddress,
  type Plane,
  type Problem,
} from '../../../controller/base/index.ts';
import type { ServiceDiff, ServicePort, ServiceTable } from '../../compile/table.ts';
import { difference } from './difference.ts';
import { countFlows, type FlowCounts } from './flow-counts.ts';
import { HealthCheckPorts } from './health-check-ports.ts';
import { LeastConnWeights } from './least-conn.ts';
import { nodePortAddressesOf } from './node-port-addresses.ts';
import { defaultSyncPeriodMs, type KernelPlaneOptions } from './options.ts';
import type { FamilyProgrammer, Refusals } from './programmer.ts';
import { refusalProblem } from './refusal-problem.ts';
import { SyncMetrics } from './sync-metrics.ts';
import type { SyncObserver } from './sync-observer.ts';

/** What a backend (nftables, iptables) brings along. */
export interface KernelBackend {
  readonly name: 'nftables' | 'iptables';
  readonly programmers: readonly FamilyProgrammer[];
  /** How often it is looked whether somebody flushed our rules, unless the options say. */
  readonly canaryPeriodMs: number;
  /** @throws DataPlaneError naming what is missing on this machine, and how to get it */
  assertSupported(): Promise<void>;
  /** Called once, when the plane ends: gives back what the backend holds open. */
  close?(): void;
}

type TimerName = 'canary' | 'retry' | 'sweep' | 'full' | 'recount';

/** How long unused chains stay: kernels before 6.2 may still hold references to them. */
const sweepDelayMs = 1_000;

/**
 * How long counts of flows are good for, and which part of the time counting may take: with
 * 100 000 flows one count takes a quarter of a second.
 */
const recountMs = 1_000;
const countingShare = 0.05;

/** Every so many sync periods all rules are compared with what they should be: hourly. */
const fullSyncPeriods = 120;

/**
 * Drives a backend from the table: incremental syncs, retries, canary, full checks. Forwarding is
 * the kernel's: it goes on while this process is stopped, and is adopted at the next start.
 */
export class KernelPlane implements Plane<ServiceTable, ServiceDiff> {
  readonly name: string;
  readonly #options: KernelPlaneOptions;
  readonly #backend: KernelBackend;
  readonly #observers: readonly SyncObserver[];
  readonly #metrics: ReadonlyMap<FamilyProgrammer, SyncMetrics>;
  readonly #timers = new Map<TimerName, Disposable>();
  readonly #leastConn = new LeastConnWeights();
  readonly #approximated: BoundGauge;
  readonly #refused = new Map<string, DataPlaneError>();
  /** In force, but for what was refused. Undefined: nothing yet. */
  #table: ServiceTable | undefined = undefined;
  /** What should be in force. */
  #wanted: ServiceTable | undefined = undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #counting: Promise<void> = Promise.resolve();
  #failingSinceMs: number | undefined = undefined;
  #stopped = false;

  constructor(
    backend: KernelBackend,
    options: KernelPlaneOptions,
    observers: readonly SyncObserver[],
  ) {
    this.name = backend.name;
    this.#backend = backend;
    this.#options = options;
    const { meter, clock, problems, node } = options;
    const wanted = options.nodePortAddresses ?? { kind: 'primary' };
    const healthChecks = new HealthCheckPorts({
      problems,
      addresses: () =>
        backend.programmers.flatMap(({ family }) => nodePortAddressesOf(family, wanted, node)),
      isHealthy: () => this.isHealthy,
    });
    this.#observers = [healthChecks, ...observers];
    this.#approximated = meter
      .gauge({
        name: 'portolan_kernel_approximated_least_conn_ports',
        help: 'Service ports whose least-conn is approximated by weights from counted flows.',
      })
      .bind();
    this.#metrics = new Map(
      backend.programmers.map((one) => [
        one,
        new SyncMetrics(meter, clock, one.family, backend.name),
      ]),
    );
  }

  async apply(next: ServiceTable, diff: ServiceDiff | undefined): Promise<ApplyReport> {
    this.#wanted = next;
    await this.#inTurn(() => this.#sync(next, diff));
    return { generation: next.generation, problems: this.#problems() };
  }

  /** Nothing is under way in this process: the kernel forwards, and goes on doing so. */
  async drain(): Promise<void> {
    this.#stop();
    await this.#counting;
    await this.#queue;
  }

  addresses(): readonly ListenAddress[] {
    return [];
  }

  /** The rules of `table` as text: for `portolan plan`. */
  plan(table: ServiceTable): string {
    return this.#backend.programmers
      .map((one) => one.plan(portsOf(table.ports.values(), one)))
      .join('\n');
  }

  /** Removes everything of ours from the kernel: for `portolan cleanup`. */
  async cleanup(): Promise<void> {
    this.#stop();
    await this.#inTurn(async () => {
      for (const programmer of this.#backend.programmers) await programmer.remove();
      this.#table = undefined;
    });
  }

  /** Changes written to the kernel since the start, over both families. */
  get writes(): number {
    return this.#backend.programmers.reduce((sum, { writes }) => sum + writes, 0);
  }

  /** False once a change has waited for more than two sync periods: kube-proxy's rule. */
  get isHealthy(): boolean {
    const sinceMs = this.#failingSinceMs;
    return sinceMs === undefined || this.#options.clock.nowMs() - sinceMs <= 2 * this.#syncPeriodMs;
  }

  /** Leaves the rules in place. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    for (const observer of this.#observers) await observer[Symbol.asyncDispose]();
    this.#backend.close?.();
    this.#options.problems.replace(this.#problemSource, []);
  }

  async #sync(next: ServiceTable, diff: ServiceDiff | undefined): Promise<void> {
    const table = this.#table;
    if (table === undefined) {
      await this.#backend.assertSupported();
      await this.#reconcile(next);
      this.#schedule('canary', this.#canaryPeriodMs, () => this.#canary());
      this.#schedule('full', this.#syncPeriodMs * fullSyncPeriods, () => this.#fullCheck());
    } else {
      const isNext = diff?.fromGeneration === table.generation && this.#refused.size === 0;
      await this.#change(table, next, isNext ? diff : this.#withRefused(table, next));
    }
    this.#sweepLater();
  }

  async #change(table: ServiceTable, next: ServiceTable, diff: ServiceDiff): Promise<void> {
    const before = new Map<string, ServicePort>();
    for (const key of [...diff.removed, ...diff.upserted.map((one) => one.key)]) {
      const port = table.ports.get(key);
      if (port) before.set(key, port);
    }
    for (const programmer of this.#backend.programmers) {
      const upserted = this.#portsOf(diff.upserted, programmer);
      const removed = diff.removed.filter((key) => before.get(key)?.family === programmer.family);
      if (upserted.length === 0 && removed.length === 0) continue;
      const metrics = this.#metrics.get(programmer);
      for (const { key } of upserted) metrics?.changes(before.get(key), next.ports.get(key));
      for (const key of removed) metrics?.changes(before.get(key), undefined);
      await this.#measured(programmer, 'partial', upserted.length + removed.length, async () => {
        this.#note(
          await programmer.apply(upserted, removed),
          upserted.map(({ key }) => key),
        );
      });
      for (const key of removed) this.#track(programmer, key, undefined);
      for (const port of upserted) this.#track(programmer, port.key, port);
    }
    for (const key of diff.removed) this.#refused.delete(key);
    this.#inForce(next, diff, before);
  }

  async #reconcile(next: ServiceTable): Promise<void> {
    for (const programmer of this.#backend.programmers) {
      const ports = this.#portsOf(next.ports.values(), programmer);
      await this.#measured(programmer, 'full', ports.length, async () => {
        this.#note(
          await programmer.reconcile(ports),
          ports.map(({ key }) => key),
        );
      });
      for (const port of ports) this.#track(programmer, port.key, port);
    }
    const upserted = [...next.ports.values()];
    this.#inForce(next, { fromGeneration: 0, upserted, removed: [] }, new Map());
  }

  #inForce(next: ServiceTable, diff: ServiceDiff, before: ReadonlyMap<string, ServicePort>): void {
    this.#table = next;
    this.#failingSinceMs = undefined;
    this.#cancel('retry');
    if (this.#refused.size > 0) this.#retryLater();
    for (const key of diff.removed) this.#leastConn.forget(key);
    for (const port of diff.upserted) this.#leastConn.note(port);
    this.#approximated.set(this.#leastConn.size);
    if (!this.#timers.has('recount')) this.#recountLater(recountMs);
    for (const observer of this.#observers) observer.synced(next, diff, before);
    this.#report();
  }

  async #measured(
    programmer: FamilyProgrammer,
    kind: 'full' | 'partial',
    changes: number,
    work: () => Promise<void>,
  ): Promise<void> {
    const metrics = this.#metrics.get(programmer);
    const startedMs = this.#options.clock.nowMs();
    metrics?.queued(changes);
    try {
      await work();
      metrics?.synced(kind, this.#options.clock.nowMs() - startedMs);
    } catch (error) {
      metrics?.syncFailed();
      this.#failingSinceMs ??= startedMs;
      // Which part of the change is in the kernel is unknown now: compare everything next time.
      this.#table = undefined;
      this.#retryLater();
      throw error;
    }
  }

  #note(refusals: Refusals, tried: readonly string[]): void {
    for (const key of tried) this.#refused.delete(key);
    for (const [key, error] of refusals) this.#refused.set(key, error);
  }

  /** The difference, and everything refused before once more. */
  #withRefused(table: ServiceTable, next: ServiceTable): ServiceDiff {
    const diff = difference(table, next);
    const known = new Set(diff.upserted);
    const again = [...this.#refused.keys()].flatMap((key) => next.ports.get(key) ?? []);
    return { ...diff, upserted: [...diff.upserted, ...again.filter((port) => !known.has(port))] };
  }

  #track(programmer: FamilyProgrammer, key: string, port: ServicePort | undefined): void {
    this.#metrics.get(programmer)?.track(key, port);
  }

  async #canary(): Promise<void> {
    for (const programmer of this.#backend.programmers) {
      if ((await programmer.check()) === 'repaired') {
        this.#options.log.warn({ family: programmer.family }, 'rules were flushed: made again');
      }
    }
    this.#schedule('canary', this.#canaryPeriodMs, () => this.#canary());
  }

  async #fullCheck(): Promise<void> {
    if (this.#wanted) await this.#reconcile(this.#wanted);
    this.#schedule('full', this.#syncPeriodMs * fullSyncPeriods, () => this.#fullCheck());
  }

  async #retry(): Promise<void> {
    if (this.#wanted) await this.#sync(this.#wanted, undefined);
  }

  #retryLater(): void {
    this.#schedule('retry', this.#syncPeriodMs, () => this.#retry());
  }

  #sweepLater(): void {
    if (!this.#backend.programmers.some(({ hasIdle }) => hasIdle)) return;
    this.#schedule('sweep', sweepDelayMs, async () => {
      for (const programmer of this.#backend.programmers) {
        try {
          if (programmer.hasIdle) await programmer.sweep();
        } catch (error) {
          this.#metrics.get(programmer)?.cleanupFailed();
          throw error;
        }
      }
    });
  }

  /** Counts beside the syncs, as that takes a while; new shares are written in turn with them. */
  #recountLater(delayMs: number): void {
    this.#timers.delete('recount');
    if (this.#stopped || this.#leastConn.size === 0) return;
    const { clock, run, log } = this.#options;
    const recount = async (): Promise<void> => {
      const startedMs = clock.nowMs();
      let pauseMs = recountMs;
      try {
        const counts = await countFlows(run);
        pauseMs = Math.max(recountMs, (clock.nowMs() - startedMs) / countingShare);
        await this.#inTurn(() => this.#reweigh(counts));
      } catch (error) {
        log.warn({ error: describeError(error) }, `${this.name}: flows were not counted`);
        pauseMs = this.#syncPeriodMs;
      }
      this.#recountLater(pauseMs);
    };
    this.#timers.set(
      'recount',
      clock.schedule(delayMs, () => {
        this.#counting = recount();
      }),
    );
  }

  async #reweigh(counts: FlowCounts): Promise<void> {
    if (this.#table === undefined || this.#stopped) return;
    const moved = this.#leastConn.recount(counts);
    for (const programmer of this.#backend.programmers) {
      const own = this.#portsOf(moved, programmer);
      if (own.length > 0) await programmer.apply(own, []);
    }
    this.#sweepLater();
  }

  /** Of one family, and with the weights that counts gave. */
  #portsOf(ports: Iterable<ServicePort>, programmer: FamilyProgrammer): readonly ServicePort[] {
    return portsOf(ports, programmer).map((port) => this.#leastConn.weighed(port));
  }

  /** Runs `work` once after `delayMs`, in turn with everything else. A failure is tried again. */
  #schedule(name: TimerName, delayMs: number, work: () => Promise<void>): void {
    this.#cancel(name);
    if (this.#stopped) return;
    const run = (): void => {
      this.#timers.delete(name);
      this.#inTurn(work).catch((error: unknown) => {
        this.#options.log.error({ error: describeError(error) }, `${this.name}: ${name} failed`);
        if (!this.#timers.has(name)) this.#schedule(name, this.#syncPeriodMs, work);
      });
    };
    this.#timers.set(name, this.#options.clock.schedule(delayMs, run));
  }

  #cancel(name: TimerName): void {
    this.#timers.get(name)?.[Symbol.dispose]();
    this.#timers.delete(name);
  }

  #stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  /** Programs run one after another: two would race for what is in the kernel. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work);
    // The next one in the queue does not care how this one ended; the caller does.
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  get #problemSource(): string {
    return `proxy/${this.name}`;
  }

  get #syncPeriodMs(): number {
    return this.#options.syncPeriodMs ?? defaultSyncPeriodMs;
  }

  get #canaryPeriodMs(): number {
    return this.#options.canaryPeriodMs ?? this.#backend.canaryPeriodMs;
  }

  #report(): void {
    this.#options.problems.replace(this.#problemSource, this.#problems());
  }

  #problems(): readonly Problem[] {
    return [...this.#refused].map(([key, error]) =>
      refusalProblem(this.name, key, this.#wanted?.ports.get(key), error),
    );
  }
}

function portsOf(
  ports: Iterable<ServicePort>,
  { family }: FamilyProgrammer,
): readonly ServicePort[] {
  return [...ports].filter((port) => port.family === family);
}
