import type {
  BoundCounter,
  BoundGauge,
  Clock,
  ListenAddress,
  Log,
  Meter,
  Problem,
} from '../../controller/base/index.ts';
import type { ExplainQuestion } from '../../dns/index.ts';
import { LimitOwner } from '../../ingress/index.ts';
import { type MetricsSnapshot, retire } from '../metrics/snapshot.ts';
import type { SumQuery, SumRow } from '../metrics/sums.ts';
import type { SharedWorkerConfiguration } from './configuration.ts';
import { type PlaneName, type PlaneTables, planeNames } from './protocol.ts';
import { type WorkerEvents, WorkerProcess } from './worker-process.ts';

/** A worker that lived this long gets an immediate successor. */
const stableMs = 10_000;
const firstRespawnDelayMs = 100;
const maxRespawnDelayMs = 5_000;

export interface SupervisorOptions {
  readonly count: number;
  readonly configuration: SharedWorkerConfiguration;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** `source` starts with `worker/ID/`. */
  readonly onProblems: (source: string, problems: readonly Problem[]) => void;
  /** What sources with this prefix reported is void: their worker is gone. */
  readonly onForget: (sourcePrefix: string) => void;
  /** Some worker applied a generation of this plane. */
  readonly onApplied: (plane: PlaneName) => void;
}

type Newest = { [P in PlaneName]?: PlaneTables[P]['table'] };

/**
 * Keeps the asked number of workers alive and at the newest tables. Workers share addresses, so
 * while one is being replaced its siblings serve.
 */
export class WorkerSupervisor {
  readonly #options: SupervisorOptions;
  readonly #limits: LimitOwner;
  #configuration: SharedWorkerConfiguration;
  readonly #workers = new Map<number, WorkerProcess>();
  readonly #newest: Newest = {};
  readonly #crashes = new Map<number, number>();
  #retired: MetricsSnapshot = [];
  readonly #living: BoundGauge;
  readonly #restarts: BoundCounter;
  #firstApplied: { planes: readonly PlaneName[]; resolve: () => void } | undefined;
  #stopping = false;
  #compileCache = '';

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#limits = new LimitOwner(() => options.clock.nowMs());
    this.#configuration = options.configuration;
    this.#living = options.meter
      .gauge({ name: 'portolan_workers', help: 'Worker processes that run now.' })
      .bind();
    this.#restarts = options.meter
      .counter({
        name: 'portolan_worker_restarts_total',
        help: 'Worker processes that ended by themselves and were replaced.',
      })
      .bind();
  }

  /**
   * Starts the first worker: it finds free ports where port 0 was asked for. `compileCache`: a
   * folder that only this user can write.
   */
  startFirst(compileCache: string): void {
    this.#compileCache = compileCache;
    this.#spawn(1);
  }

  /** Starts the others, with `resolved` saying which ports the first one found. */
  startOthers(resolved: SharedWorkerConfiguration): void {
    this.#configuration = resolved;
    for (let id = 2; id <= this.#options.count; id += 1) this.#spawn(id);
  }

  /** Resolves when the first worker has a table of each of these planes in force. */
  async firstApplied(planes: readonly PlaneName[]): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#firstApplied = { planes, resolve };
      this.#checkFirst();
    });
  }

  publish<P extends PlaneName>(
    plane: P,
    table: PlaneTables[P]['table'],
    diff: PlaneTables[P]['diff'] | undefined,
  ): void {
    this.#newest[plane] = table as Newest[P];
    for (const worker of this.#workers.values()) worker.publish(plane, table, diff);
  }

  /** The generation that every worker has in force; 0 while one has none. */
  appliedByAll(plane: PlaneName): number {
    if (this.#workers.size < this.#options.count) return 0;
    return Math.min(...[...this.#workers.values()].map((one) => one.appliedGeneration(plane)));
  }

  /** By worker id, for `/debug/applied`. */
  workers(): readonly {
    id: number;
    pid: number | undefined;
    applied: Record<PlaneName, number>;
  }[] {
    return [...this.#workers.values()].map((worker) => ({
      id: worker.id,
      pid: worker.pid,
      applied: {
        l4: worker.appliedGeneration('l4'),
        dns: worker.appliedGeneration('dns'),
        ingress: worker.appliedGeneration('ingress'),
      },
    }));
  }

  /** Where the planes listen, once each: workers share addresses. */
  addresses(): readonly ListenAddress[] {
    const all = [...this.#workers.values()].flatMap((worker) => worker.addresses());
    return [...new Map(all.map((one) => [`${one.name} ${one.host} ${one.port}`, one])).values()];
  }

  /** Snapshots of every living worker and the remains of those that ended. */
  async metrics(): Promise<readonly MetricsSnapshot[]> {
    const living = await Promise.all([...this.#workers.values()].map((one) => one.metrics()));
    return [this.#retired, ...living];
  }

  /** Sums of every living worker, by process id; of one that does not answer in time, nothing. */
  async sums(
    queries: readonly SumQuery[],
  ): Promise<ReadonlyMap<number, readonly SumRow[] | undefined>> {
    const asked = [...this.#workers.values()].map(
      async (one) => [one.pid ?? 0, await one.sums(queries)] as const,
    );
    return new Map(await Promise.all(asked));
  }

  /** What a worker makes of a question; undefined when none says. */
  async explain(question: ExplainQuestion): Promise<string | undefined> {
    const [first] = this.#workers.values();
    return await first?.explain(question);
  }

  /** Lets all workers read their files again. */
  reload(): void {
    for (const worker of this.#workers.values()) worker.reload();
  }

  /** Ends all workers: gently until `deadlineMs`, then not. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#workers.values()].map((worker) => worker.drain(deadlineMs)));
  }

  kill(): void {
    this.#stopping = true;
    for (const worker of this.#workers.values()) worker.kill();
  }

  #checkFirst(): void {
    const first = this.#workers.get(1);
    const { planes, resolve } = this.#firstApplied ?? {};
    if (!first || !planes?.every((plane) => first.appliedGeneration(plane) > 0)) return;
    this.#firstApplied = undefined;
    resolve?.();
  }

  #spawn(id: number): void {
    const { clock, log, onApplied, onForget, onProblems } = this.#options;
    const prefix = `worker/${id}/`;
    const sharedLimits = this.#options.count > 1;
    const configuration = { ...this.#configuration, id, sharedLimits, reusePort: true };
    const events: WorkerEvents = {
      applied: (plane) => {
        onProblems(`${prefix}${plane}/refused`, []);
        this.#checkFirst();
        onApplied(plane);
      },
      refused: (plane, generation, error) => {
        log.error({ worker: id, plane, generation, error }, 'plane refused a table');
        onProblems(`${prefix}${plane}/refused`, [refusedProblem(plane, error)]);
      },
      problems: (source, problems) => onProblems(`${prefix}${source}`, problems),
      limits: (asks) => this.#limits.answer(worker.id, asks),
      gone: (reason) => {
        this.#limits.gone(id);
        onForget(prefix);
        this.#replace(worker, reason);
      },
    };
    const worker = new WorkerProcess(configuration, {
      startedMs: clock.nowMs(),
      compileCache: this.#compileCache,
      events,
    });
    this.#workers.set(id, worker);
    this.#living.set(this.#workers.size);
    log.info({ worker: id, pid: worker.pid }, 'worker started');
    for (const plane of planeNames) {
      const table = this.#newest[plane];
      if (table) worker.publish(plane, table, undefined);
    }
  }

  #replace(worker: WorkerProcess, reason: string): void {
    const { clock, log } = this.#options;
    this.#workers.delete(worker.id);
    this.#living.set(this.#workers.size);
    this.#retired = retire([this.#retired, worker.lastSnapshot]);
    if (this.#stopping) return;
    const livedMs = clock.nowMs() - worker.startedMs;
    const crashes = livedMs >= stableMs ? 0 : (this.#crashes.get(worker.id) ?? 0) + 1;
    this.#crashes.set(worker.id, crashes);
    const delayMs =
      crashes < 2 ? 0 : Math.min(firstRespawnDelayMs * 2 ** (crashes - 2), maxRespawnDelayMs);
    log.error({ worker: worker.id, reason, delayMs }, 'worker ended, starting another');
    this.#restarts.inc();
    if (delayMs === 0) this.#spawn(worker.id);
    else clock.schedule(delayMs, () => !this.#stopping && this.#spawn(worker.id));
  }
}

function refusedProblem(plane: PlaneName, error: string): Problem {
  return {
    severity: 'error',
    reason: 'TableRefused',
    message: `the ${plane} plane could not apply its table and keeps the one before: ${error}`,
  };
}
