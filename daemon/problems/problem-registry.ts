import type {
  BoundGauge,
  Log,
  Meter,
  ObjectRef,
  Position,
  Problem,
  ProblemSink,
} from '../../controller/base/index.ts';

/** Finds where an object, or a field of it, stands in the user's files. */
export type Locate = (ref: ObjectRef) => Position | undefined;

export interface ProblemRegistryOptions {
  readonly log: Log;
  readonly meter: Meter;
  readonly locate: Locate;
}

/**
 * All that is wrong now, from every component. Several workers that meet the same problem count
 * as one. Each problem is logged once when it appears and once when it is gone.
 */
export class ProblemRegistry implements ProblemSink {
  readonly #log: Log;
  readonly #locate: Locate;
  readonly #gauges: (problem: Problem) => BoundGauge;
  readonly #bySource = new Map<string, readonly string[]>();
  readonly #listeners = new Set<(problem: Problem) => void>();
  readonly #byIdentity = new Map<string, { readonly problem: Problem; sources: number }>();

  constructor(options: ProblemRegistryOptions) {
    this.#log = options.log;
    this.#locate = options.locate;
    const family = options.meter.gauge({
      name: 'portolan_problems',
      help: 'Problems that hold now, as `portolan get problems` lists them.',
      labelNames: ['severity', 'reason'],
    });
    this.#gauges = ({ severity, reason }) => family.bind({ severity, reason });
  }

  replace(source: string, problems: readonly Problem[]): void {
    const before = this.#bySource.get(source) ?? [];
    const after = [...new Map(problems.map((one) => [identity(one), one]))];
    // Added before removed: a problem that merely changes its reporter is not news.
    for (const [id, problem] of after) this.#add(id, problem);
    for (const id of before) this.#remove(id);
    if (after.length > 0)
      this.#bySource.set(
        source,
        after.map(([id]) => id),
      );
    else this.#bySource.delete(source);
  }

  /** Drops all sources whose name starts so: a worker that is gone reports nothing. */
  forget(sourcePrefix: string): void {
    const sources = [...this.#bySource.keys()].filter((one) => one.startsWith(sourcePrefix));
    for (const source of sources) this.replace(source, []);
  }

  /** Calls `listener` for each problem that holds now, and for each that appears. */
  subscribe(listener: (problem: Problem) => void): Disposable {
    for (const problem of this.list()) listener(problem);
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Errors first, then by object, then by reason. */
  list(): readonly Problem[] {
    return [...this.#byIdentity.values()].map(({ problem }) => problem).toSorted(bySeverity);
  }

  #add(id: string, reported: Problem): void {
    const known = this.#byIdentity.get(id);
    if (known) {
      known.sources += 1;
      return;
    }
    const at = reported.at ?? (reported.object && this.#locate(reported.object));
    const problem = at ? { ...reported, at } : reported;
    this.#byIdentity.set(id, { problem, sources: 1 });
    this.#gauges(problem).add(1);
    for (const listener of this.#listeners) listener(problem);
    const line = problem.instead ? `${problem.message} (${problem.instead})` : problem.message;
    this.#log[problem.severity === 'error' ? 'error' : 'warn']({ problem: brief(problem) }, line);
  }

  #remove(id: string): void {
    const known = this.#byIdentity.get(id);
    if (!known) return;
    known.sources -= 1;
    if (known.sources > 0) return;
    this.#byIdentity.delete(id);
    this.#gauges(known.problem).add(-1);
    this.#log.info({ problem: brief(known.problem) }, `solved: ${known.problem.message}`);
  }
}

function brief({ reason, object, at }: Problem): object {
  return { reason, ...(object && { object }), ...(at && { at }) };
}

function identity({ severity, reason, message, object, at }: Problem): string {
  return JSON.stringify([severity, reason, message, object, at]);
}

function bySeverity(a: Problem, b: Problem): number {
  if (a.severity !== b.severity) return a.severity === 'error' ? -1 : 1;
  return sortKey(a).localeCompare(sortKey(b));
}

function sortKey({ object, reason, message }: Problem): string {
  return [object?.kind, object?.namespace, object?.name, reason, message].join(' ');
}
