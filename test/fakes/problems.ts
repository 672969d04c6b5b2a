import type { Problem, ProblemSink } from '../../controller/base/index.ts';

/** Remembers what each source reports now. */
export class ProblemBook implements ProblemSink {
  readonly bySource: Map<string, readonly Problem[]> = new Map();

  replace(source: string, problems: readonly Problem[]): void {
    if (problems.length === 0) this.bySource.delete(source);
    else this.bySource.set(source, problems);
  }

  get all(): readonly Problem[] {
    return [...this.bySource.values()].flat();
  }

  get reasons(): readonly string[] {
    return this.all.map((problem) => problem.reason).toSorted();
  }
}
