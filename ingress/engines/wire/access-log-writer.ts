import type { BoundCounter, Clock } from '../../../controller/base/index.ts';

/** How long a line may wait for others to go with it. */
const gatherMs = 100;
/** Gathered so much, lines go at once. */
const flushBytes = 65_536;
/** Waiting for a slow reader, in characters; lines beyond are dropped and counted. */
const maxWaiting = 1_048_576;

/** Takes text; calls back when it can take more. */
export type TextSink = (text: string, done: () => void) => void;

/** Lines of text, written many at a time, and never at the cost of those who make them. */
export class AccessLogWriter implements AsyncDisposable {
  readonly #sink: TextSink;
  readonly #clock: Clock;
  readonly #dropped: BoundCounter;
  #waiting = '';
  #isWriting = false;
  #timer: Disposable | undefined = undefined;
  #wake: (() => void) | undefined = undefined;

  constructor(sink: TextSink, clock: Clock, dropped: BoundCounter) {
    this.#sink = sink;
    this.#clock = clock;
    this.#dropped = dropped;
  }

  write(line: string): void {
    if (this.#waiting.length + line.length > maxWaiting) {
      this.#dropped.inc();
      return;
    }
    this.#waiting += line;
    if (this.#waiting.length >= flushBytes) this.#flush();
    else this.#timer ??= this.#clock.schedule(gatherMs, () => this.#flush());
  }

  /** Resolves when all lines are out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    if (!this.#isWriting) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#isWriting) return;
    if (this.#waiting === '') {
      this.#wake?.();
      return;
    }
    const text = this.#waiting;
    this.#waiting = '';
    this.#isWriting = true;
    this.#sink(text, () => {
      this.#isWriting = false;
      if (this.#waiting.length >= flushBytes || this.#wake) this.#flush();
      else if (this.#waiting !== '') {
        this.#timer ??= this.#clock.schedule(gatherMs, () => this.#flush());
      }
    });
  }
}
