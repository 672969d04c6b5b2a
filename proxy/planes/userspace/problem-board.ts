import type { Problem, ProblemSink } from '../../../controller/base/index.ts';

/** Passes problems on by source, and knows those in force: few, however many the Services are. */
export class ProblemBoard implements ProblemSink {
  readonly #sink: ProblemSink;
  readonly #bySource = new Map<string, readonly Problem[]>();

  constructor(sink: ProblemSink) {
    this.#sink = sink;
  }

  replace(source: string, problems: readonly Problem[]): void {
    // Most Service ports never have a problem: nothing is said about nothing.
    if (problems.length === 0 && !this.#bySource.has(source)) return;
    if (problems.length === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, problems);
    this.#sink.replace(source, problems);
  }

  get all(): readonly Problem[] {
    return [...this.#bySource.values()].flat();
  }
}
