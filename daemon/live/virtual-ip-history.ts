import type { Clock } from '../../controller/base/index.ts';
import type { VirtualIPStatus } from '../../controller/vip/index.ts';

/** A virtual router of this node changed its state. */
export interface VirtualIPChange {
  /** Wall time, Unix milliseconds; as of the second in which it was seen. */
  readonly atMs: number;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

const intervalMs = 1_000;
const maxChanges = 100;

/** Remembers when virtual routers changed their state. */
export class VirtualIPHistory implements Disposable {
  readonly #status: () => readonly VirtualIPStatus[];
  readonly #clock: Clock;
  readonly #states = new Map<string, string>();
  #changes: readonly VirtualIPChange[] = [];
  #timer: Disposable | undefined;

  constructor(status: () => readonly VirtualIPStatus[], clock: Clock) {
    this.#status = status;
    this.#clock = clock;
    this.#look();
  }

  /** Newest first. */
  get changes(): readonly VirtualIPChange[] {
    return this.#changes;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    for (const { name, state, reason } of this.#status()) {
      const from = this.#states.get(name) ?? 'none';
      this.#states.set(name, state);
      if (from === state) continue;
      const change = { atMs: this.#clock.wallMs(), name, from, to: state, reason };
      this.#changes = [change, ...this.#changes].slice(0, maxChanges);
    }
    this.#timer = this.#clock.schedule(intervalMs, () => this.#look());
  }
}
