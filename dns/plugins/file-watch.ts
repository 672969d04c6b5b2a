import { readFile, stat } from 'node:fs/promises';
import { describeError, type Problem } from '../../controller/base/index.ts';
import type { PluginContext } from './plugin.ts';

/** What a plugin says of the file that it answers from. */
export interface WatchedFile {
  readonly path: string;
  /** 0: read once. */
  readonly intervalMs: number;
  /** Takes the content in; throws when it means nothing. */
  readonly take: (text: string) => void;
}

/**
 * Reads a file, and again whenever it has another size or time. By polling: what writes such files
 * replaces them, often through a symlink. What can't be read, or means nothing, leaves the last
 * good content in force and is a problem. New content takes back every reply that could be sent
 * again.
 */
export class FileWatch implements Disposable {
  readonly #file: WatchedFile;
  readonly #context: Pick<PluginContext, 'clock' | 'problems' | 'forgetReplies'>;
  #seen = '';
  #timer: Disposable | undefined;
  #stopped = false;

  constructor(
    file: WatchedFile,
    context: Pick<PluginContext, 'clock' | 'problems' | 'forgetReplies'>,
  ) {
    this.#file = file;
    this.#context = context;
  }

  /** Resolves after the first reading. Never rejects. */
  async start(): Promise<void> {
    await this.#poll();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#context.problems.replace(this.#source, []);
  }

  get #source(): string {
    return `dns/file/${this.#file.path}`;
  }

  async #poll(): Promise<void> {
    const { path, intervalMs, take } = this.#file;
    const { clock, problems, forgetReplies } = this.#context;
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const now = `${mtimeMs} ${size} ${ino}`;
      if (now !== this.#seen) {
        const text = await readFile(path, 'utf8');
        if (this.#stopped) return;
        this.#seen = now;
        take(text);
        forgetReplies();
        problems.replace(this.#source, []);
      }
    } catch (error) {
      problems.replace(this.#source, [unusable(path, describeError(error))]);
    }
    if (this.#stopped || intervalMs === 0) return;
    this.#timer = clock.schedule(intervalMs, () => void this.#poll());
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
