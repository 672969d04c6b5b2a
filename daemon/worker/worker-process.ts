import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ListenAddress, PersistentMap, type Problem } from '../../controller/base/index.ts';
import type { ExplainQuestion } from '../../dns/index.ts';
import type { LimitAnswers, LimitAsks } from '../../ingress/index.ts';
import type { MetricsSnapshot } from '../metrics/snapshot.ts';
import type { SumQuery, SumRow } from '../metrics/sums.ts';
import type { WorkerConfiguration } from './configuration.ts';
import type { FromWorker, PlaneName, PlaneTables, ToWorker } from './protocol.ts';

/** How long `/metrics` waits for a busy worker before it answers with what it said last. */
const metricsTimeoutMs = 1_000;

/** A query may be forwarded, which takes 5 s at most. */
const explainTimeoutMs = 6_000;

/** What a worker may take to end after its deadline: closing sockets, writing its cache. */
const drainGraceMs = 1_000;

/** The entry beside this file: source when run from source, compiled when run from `dist/`. */
const entry = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'main.ts' : 'main.js', import.meta.url),
);

export interface WorkerEvents {
  /** The plane has a new generation in force. */
  applied(plane: PlaneName): void;
  refused(plane: PlaneName, generation: number, error: string): void;
  problems(source: string, problems: readonly Problem[]): void;
  /** Asks of the counts that workers share; what is returned goes back. */
  limits(asks: LimitAsks): LimitAnswers;
  /** The process ended, however it did. Called once, last. */
  gone(reason: string): void;
}

export interface WorkerProcessOptions {
  /** Monotonic. */
  readonly startedMs: number;
  /** Folder that only this user can write, for compiled code. */
  readonly compileCache: string;
  readonly events: WorkerEvents;
}

/** One worker as the main process sees it. */
export class WorkerProcess {
  readonly id: number;
  readonly startedMs: number;
  readonly #child: ChildProcess;
  readonly #events: WorkerEvents;
  /** What was sent last, by plane. */
  readonly #sent = new Map<PlaneName, number>();
  readonly #applied = new Map<PlaneName, number>();
  readonly #addresses = new Map<PlaneName, readonly ListenAddress[]>();
  readonly #scrapes = new Map<number, (snapshot: MetricsSnapshot) => void>();
  readonly #sums = new Map<number, (rows: readonly SumRow[]) => void>();
  #askId = 0;
  readonly #explaining = new Map<number, (text: string | undefined) => void>();
  #lastSnapshot: MetricsSnapshot = [];
  #onGone: (() => void) | undefined;
  #gone = false;

  constructor(
    configuration: WorkerConfiguration,
    { startedMs, compileCache, events }: WorkerProcessOptions,
  ) {
    this.id = configuration.id;
    this.startedMs = startedMs;
    this.#events = events;
    this.#child = fork(entry, [], {
      // v8's own format: maps, sets and undefined survive it.
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // http-proxy calls a deprecated function once in each process.
      execArgv: [...process.execArgv, '--max-semi-space-size=32', '--disable-warning=DEP0060'],
      // A worker that takes over from one that died should not have to compile first.
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    this.#child.on('message', (message) => this.#receive(message as FromWorker));
    this.#child.once('error', (error) => this.#end(error.message));
    this.#child.once('exit', (code, signal) => this.#end(signal ?? `exit code ${code}`));
    this.#send({ kind: 'configure', configuration });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Metrics of a process that is gone stay readable: its counters must not be lost. */
  get lastSnapshot(): MetricsSnapshot {
    return this.#lastSnapshot;
  }

  appliedGeneration(plane: PlaneName): number {
    return this.#applied.get(plane) ?? 0;
  }

  addresses(): readonly ListenAddress[] {
    return [...this.#addresses.values()].flat();
  }

  /** Sends what brings the worker to `table`: the diff where it follows, else the whole. */
  publish<P extends PlaneName>(
    plane: P,
    table: PlaneTables[P]['table'],
    diff: PlaneTables[P]['diff'] | undefined,
  ): void {
    const follows = diff !== undefined && this.#sent.get(plane) === diff.fromGeneration;
    const message = follows
      ? { kind: 'diff', plane, generation: table.generation, diff }
      : { kind: 'snapshot', plane, table: transferable(table) };
    this.#sent.set(plane, table.generation);
    // The union is correlated by `plane`, which the type checker cannot follow through a generic.
    this.#send(message as ToWorker);
  }

  /** What the worker measured, or measured last if it is too busy to say. */
  async metrics(): Promise<MetricsSnapshot> {
    if (this.#gone) return this.#lastSnapshot;
    const id = ++this.#askId;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => settle(this.#lastSnapshot), metricsTimeoutMs);
      const settle = (snapshot: MetricsSnapshot): void => {
        clearTimeout(timer);
        this.#scrapes.delete(id);
        resolve(snapshot);
      };
      this.#scrapes.set(id, settle);
      this.#send({ kind: 'metrics', id });
    });
  }

  /** Sums over what the worker measured; undefined when it is too busy to say. */
  async sums(queries: readonly SumQuery[]): Promise<readonly SumRow[] | undefined> {
    if (this.#gone) return undefined;
    const id = ++this.#askId;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), metricsTimeoutMs);
      const settle = (rows: readonly SumRow[] | undefined): void => {
        clearTimeout(timer);
        this.#sums.delete(id);
        resolve(rows);
      };
      this.#sums.set(id, settle);
      this.#send({ kind: 'sums', id, queries });
    });
  }

  /** What the worker makes of a question; undefined when it does not say in time. */
  async explain(question: ExplainQuestion): Promise<string | undefined> {
    if (this.#gone) return undefined;
    const id = ++this.#askId;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => settle(undefined), explainTimeoutMs);
      const settle = (text: string | undefined): void => {
        clearTimeout(timer);
        this.#explaining.delete(id);
        resolve(text);
      };
      this.#explaining.set(id, settle);
      this.#send({ kind: 'explain', id, question });
    });
  }

  /** Lets the worker read its files again. */
  reload(): void {
    this.#send({ kind: 'reload' });
  }

  /** Lets the worker finish what it serves, then ends it. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.#gone) return;
    await new Promise<void>((resolve) => {
      this.#onGone = resolve;
      this.#send({ kind: 'drain', deadlineMs });
      // The worker keeps the deadline itself; this one is for a worker that hangs.
      setTimeout(() => this.kill(), deadlineMs + drainGraceMs).unref();
    });
  }

  kill(): void {
    if (!this.#gone) this.#child.kill('SIGKILL');
  }

  #send(message: ToWorker): void {
    if (this.#gone || !this.#child.connected) return;
    // A failed send means that the process is ending: `exit` follows and says so.
    this.#child.send(message, () => {});
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'applied': {
        const { plane, generation, addresses } = message;
        this.#applied.set(plane, generation);
        this.#addresses.set(plane, addresses);
        return this.#events.applied(plane);
      }
      case 'refused':
        return this.#events.refused(message.plane, message.generation, message.error);
      case 'problems':
        return this.#events.problems(message.source, message.problems);
      case 'metrics':
        this.#lastSnapshot = message.snapshot;
        return this.#scrapes.get(message.id)?.(message.snapshot);
      case 'sums':
        return this.#sums.get(message.id)?.(message.rows);
      case 'limit-asks':
        return this.#send({
          kind: 'limit-answers',
          answers: this.#events.limits(message.asks),
        });
      case 'explained':
        return this.#explaining.get(message.id)?.(message.text);
      default:
        message satisfies never;
    }
  }

  #end(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    for (const settle of this.#scrapes.values()) settle(this.#lastSnapshot);
    for (const settle of this.#sums.values()) settle([]);
    for (const settle of this.#explaining.values()) settle(undefined);
    this.#onGone?.();
    this.#events.gone(reason);
  }
}

/** The table in what v8's serialisation knows: plain maps. */
function transferable(table: object): object {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [
      name,
      value instanceof PersistentMap ? new Map(value) : value,
    ]),
  );
}
