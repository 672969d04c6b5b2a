import type { Clock } from '../../base/index.ts';
import type { ExecRunner } from '../../health/index.ts';
import type { ScriptSpec } from '../objects/read-tracks.ts';

/** Runs one script again and again, and tells when what it says changes. */
export class ScriptTracker implements Disposable {
  readonly #spec: ScriptSpec;
  readonly #run: ExecRunner;
  readonly #clock: Clock;
  readonly #onChange: (works: boolean) => void;
  #works: boolean | undefined;
  #streak = 0;
  #timer: Disposable | undefined;
  #current: AbortController | undefined;
  #disposed = false;

  constructor(spec: ScriptSpec, run: ExecRunner, clock: Clock, onChange: (works: boolean) => void) {
    this.#spec = spec;
    this.#run = run;
    this.#clock = clock;
    this.#onChange = onChange;
    void this.#probe();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    this.#current?.abort();
  }

  /** Never rejects: a script that cannot be started is one that fails. */
  async #probe(): Promise<void> {
    const { command, intervalMs, timeoutMs } = this.#spec;
    const startedMs = this.#clock.nowMs();
    const abort = new AbortController();
    this.#current = abort;
    using _timeout = this.#clock.schedule(timeoutMs, () => abort.abort());
    const status = await this.#run(command, abort.signal).catch(() => undefined);
    if (this.#disposed) return;
    this.#judge(status === 0 && !abort.signal.aborted);
    const tookMs = this.#clock.nowMs() - startedMs;
    const waitMs = Math.max(0, intervalMs - tookMs);
    this.#timer = this.#clock.schedule(waitMs, () => void this.#probe());
  }

  /** The first run decides alone; after that it takes `fall` or `rise` in a row. */
  #judge(success: boolean): void {
    if (success === this.#works) {
      this.#streak = 0;
      return;
    }
    this.#streak += 1;
    const needed = success ? this.#spec.rise : this.#spec.fall;
    if (this.#works !== undefined && this.#streak < needed) return;
    this.#works = success;
    this.#streak = 0;
    this.#onChange(success);
  }
}
