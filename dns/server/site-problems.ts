import type { Problem, ProblemSink } from '../../controller/base/index.ts';

/** What one configuration reports, so that the end of an old one takes back nothing of the new. */
export class SiteProblems implements ProblemSink {
  readonly #sink: ProblemSink;
  readonly #sources: Set<string> = new Set();
  #retired = false;

  constructor(sink: ProblemSink) {
    this.#sink = sink;
  }

  replace(source: string, problems: readonly Problem[]): void {
    if (this.#retired) return;
    this.#sources.add(source);
    this.#sink.replace(source, problems);
  }

  /** Says nothing more; what `successor` does not report on is void. */
  retire(successor: SiteProblems): void {
    this.#retired = true;
    for (const source of this.#sources.difference(successor.#sources)) {
      this.#sink.replace(source, []);
    }
  }
}
