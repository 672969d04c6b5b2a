import { readFile, stat } from 'node:fs/promises';
import {
  type Clock,
  describeError,
  type Problem,
  type ProblemSink,
} from '../../controller/base/index.ts';

/**
 * Reads a file, and again whenever it has another size or time. By polling: what writes such files
 * replaces them, often through a symlink. What can't be read, or means nothing, leaves the last
 * good content in force and is a problem.
 */
export class FileWatch implements Disposable {
  readonly #path: string;
  readonly #intervalMs: number;
  readonly #clock: Clock;
  readonly #problems: ProblemSink;
  readonly #take: (text: string) => void;
  #seen = '';
  #timer: Disposable | undefined;
  #stopped = false;

  /** `intervalMs` 0: read once. `take` throws when the content means nothing. */
  constructor(options: {
    readonly path: string;
    readonly intervalMs: number;
    readonly clock: Clock;
    readonly problems: ProblemSink;
    readonly take: (text: string) => void;
  }) {
    this.#path = options.path;
    this.#intervalMs = options.intervalMs;
    this.#clock = options.clock;
    this.#problems = options.problems;
    this.#take = options.take;
  }

  /** Resolves after the first reading. Never rejects. */
  async start(): Promise<void> {
    await this.#poll();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#problems.replace(this.#source, []);
  }

  get #source(): string {
    return `dns/file/${this.#path}`;
  }

  async #poll(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const now = `${mtimeMs} ${size} ${ino}`;
      if (now !== this.#seen) {
        const text = await readFile(this.#path, 'utf8');
        if (this.#stopped) return;
        this.#seen = now;
        this.#take(text);
        this.#problems.replace(this.#source, []);
      }
    } catch (error) {
      this.#problems.replace(this.#source, [unusable(this.#path, describeError(error))]);
    }
    if (this.#stopped || this.#intervalMs === 0) return;
    this.#timer = this.#clock.schedule(this.#intervalMs, () => void this.#poll());
  }
}

function unusable(path: string, why: string): Problem {
  return {
    severity: 'error',
    reason: 'UnreadableFile',
    message: `${path} can't be used; what it said last stays in force: ${why}`,
    instead: 'mend the file, or name another one in the Corefile',
  };
}
