import type {
  Store,
  WatchEvent,
  WatchListener,
  WatchOptions,
} from '../../../controller/store/index.ts';

/** Watches a store and keeps what it hears, in a form that reads well in an assertion. */
export class EventRecorder implements Disposable {
  readonly batches: WatchEvent[][] = [];
  readonly #watch: Disposable;
  #wake: () => void = () => {};

  constructor(store: Store, options: WatchOptions, alsoCall: WatchListener = () => {}) {
    this.#watch = store.watch(options, (events) => {
      this.batches.push([...events]);
      alsoCall(events);
      this.#wake();
    });
  }

  get events(): readonly WatchEvent[] {
    return this.batches.flat();
  }

  /** `ADDED Service shop/web`, `BOOKMARK` … */
  get lines(): readonly string[] {
    return this.events.map((event) => {
      if (event.type === 'BOOKMARK') return event.initialEventsEnd ? 'BOOKMARK end' : 'BOOKMARK';
      const { kind, metadata } = event.object;
      return `${event.type} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
    });
  }

  /** Resolves once `count` events have arrived: remote stores deliver later. */
  async until(count: number): Promise<readonly string[]> {
    while (this.events.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.lines;
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
