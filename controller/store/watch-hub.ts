import { type Clock, describeError, type Log } from '../base/index.ts';
import { type KubeObject, kinds as knownKinds } from '../objects/index.ts';
import { type Change, ChangeLog } from './change-log.ts';
import type {
  ObjectEvent,
  ObjectListener,
  ObjectType,
  ObjectWatchOptions,
} from './object-store.ts';
import { parseSelection } from './selection.ts';
import type { WatchListener, WatchOptions } from './store.ts';
import { StoreError } from './store-error.ts';
import { eventFor, type Watcher } from './watcher.ts';

/** As the API server: about once a minute. */
const bookmarkIntervalMs = 60_000;

export interface WatchHubOptions {
  readonly clock: Clock;
  readonly log: Log | undefined;
  /** Changes kept for watches that resume. */
  readonly historyLimit: number;
  /** The store's view, for initial lists. */
  readonly list: (
    types: readonly ObjectType[] | undefined,
    options: ObjectWatchOptions,
  ) => readonly KubeObject[];
  readonly version: () => number;
}

/**
 * Tells watchers of changes. Any store that keeps a local view can stand on it: it records what
 * it did, and then asks for delivery.
 */
export class WatchHub {
  readonly #options: WatchHubOptions;
  #changes: ChangeLog;
  readonly #watchers = new Set<Watcher>();
  #delivering = false;

  constructor(options: WatchHubOptions) {
    this.#options = options;
    this.#changes = new ChangeLog(options.historyLimit, options.version());
  }

  /** Begins with what was stored before. Watches from before hear only of what comes after it. */
  restore(history: readonly Change[]): void {
    const { historyLimit, version } = this.#options;
    const [first] = history;
    this.#changes = new ChangeLog(historyLimit, first ? first.version - 1 : version());
    for (const change of history) this.#changes.append(change);
    for (const watcher of this.#watchers) watcher.position = this.#changes.end;
  }

  /** Notes a change that reads already show. */
  record(change: Change): void {
    this.#changes.append(change);
  }

  /**
   * Hands every watcher what it has not heard, in one batch each. A listener that writes only
   * makes more to deliver: the loop further up the stack takes it.
   */
  deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      while (this.#deliverRound());
    } finally {
      this.#delivering = false;
    }
    this.#changes.trim();
  }

  /** Objects of known kinds alone. @throws StoreError `Expired`, `Invalid` */
  watch({ kinds = allKinds, ...options }: WatchOptions, listener: WatchListener): Disposable {
    // No other types can arrive than those asked for, and these the listener knows.
    return this.watchObjects({ ...options, types: kinds }, listener as ObjectListener);
  }

  /** @throws StoreError `Expired`, `Invalid` */
  watchObjects(options: ObjectWatchOptions, listener: ObjectListener): Disposable {
    const watcher = this.#newWatcher(options, listener);
    this.#watchers.add(watcher);
    const bookmarks = watcher.bookmarks ? this.#startBookmarks(watcher) : undefined;
    // Not at once: the caller does not hold the Disposable yet.
    queueMicrotask(() => this.deliver());
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher);
        bookmarks?.[Symbol.dispose]();
      },
    };
  }

  #newWatcher(options: ObjectWatchOptions, listener: ObjectListener): Watcher {
    const { types, namespace, resourceVersion, sendInitialEvents = false } = options;
    const selection = parseSelection(types, options);
    const position =
      resourceVersion === undefined || sendInitialEvents
        ? this.#changes.end
        : this.#positionAfter(resourceVersion);
    return {
      listener,
      kinds: types && new Set(types),
      namespace,
      selection,
      bookmarks: options.allowWatchBookmarks ?? false,
      position,
      initial: sendInitialEvents ? this.#initialEvents(options) : [],
      toldVersion: this.#options.version(),
    };
  }

  #initialEvents(options: ObjectWatchOptions): ObjectEvent[] {
    const events = this.#options
      .list(options.types, options)
      .map((object): ObjectEvent => ({ type: 'ADDED', object }));
    const resourceVersion = String(this.#options.version());
    events.push({ type: 'BOOKMARK', resourceVersion, initialEventsEnd: true });
    return events;
  }

  #positionAfter(resourceVersion: string): number {
    if (!/^\d{1,15}$/.test(resourceVersion)) {
      throw new StoreError('Invalid', `resourceVersion "${resourceVersion}" is no decimal number`);
    }
    const version = Number(resourceVersion);
    const now = this.#options.version();
    // A version from the future was given by a store before a restart: only a new list helps.
    const position = version > now ? undefined : this.#changes.positionAfter(version);
    if (position === undefined) {
      throw new StoreError(
        'Expired',
        `too old resource version: ${resourceVersion} (now ${now}); list again`,
      );
    }
    return position;
  }

  /** False once there was nothing left to say. */
  #deliverRound(): boolean {
    let told = false;
    for (const watcher of this.#watchers) {
      const batch = this.#takeBatch(watcher);
      if (batch.length === 0) continue;
      told = true;
      this.#tell(watcher, batch);
    }
    return told;
  }

  #takeBatch(watcher: Watcher): readonly ObjectEvent[] {
    const { initial } = watcher;
    const end = this.#changes.end;
    if (watcher.position === end && initial.length === 0) return initial;
    watcher.initial = [];
    for (const change of this.#changes.from(watcher.position)) {
      const event = eventFor(watcher, change);
      if (event) initial.push(event);
    }
    watcher.position = end;
    if (initial.length > 0) watcher.toldVersion = this.#options.version();
    return initial;
  }

  /** One listener's failure must not keep the news from the others. */
  #tell(watcher: Watcher, batch: readonly ObjectEvent[]): void {
    try {
      watcher.listener(batch);
    } catch (error) {
      if (this.#options.log) {
        this.#options.log.error({ error: describeError(error) }, 'a watch listener failed');
      } else {
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  #startBookmarks(watcher: Watcher): Disposable {
    const { clock } = this.#options;
    const next = (): Disposable =>
      clock.schedule(bookmarkIntervalMs, () => {
        timer = next();
        this.#bookmark(watcher);
      });
    let timer = next();
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }

  #bookmark(watcher: Watcher): void {
    const version = this.#options.version();
    if (version === watcher.toldVersion) return;
    const resourceVersion = String(version);
    watcher.initial.push({ type: 'BOOKMARK', resourceVersion, initialEventsEnd: false });
    this.deliver();
  }
}

const allKinds = Object.keys(knownKinds).filter((name): name is keyof typeof knownKinds =>
  Object.hasOwn(knownKinds, name),
);
