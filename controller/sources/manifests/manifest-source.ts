import { basename, isAbsolute, join, sep } from 'node:path';
import {
  type BoundGauge,
  type BoundHistogram,
  type Clock,
  describeError,
  type Log,
  type Meter,
  type ObjectRef,
  type Position,
  type Problem,
  type ProblemSink,
} from '../../base/index.ts';
import type { Store } from '../../store/index.ts';
import { type Discovery, discover, type FileStamp, isManifestName } from './discover.ts';
import { type FolderEvent, FolderWatch } from './folder-watch.ts';
import type { LoadedFile } from './load-file.ts';
import { type DefinedObject, ManifestSet } from './manifest-set.ts';
import { locateObject, normalizePath, readText } from './read-manifests.ts';
import { loadSettled } from './settled-load.ts';
import { StoreWriter } from './store-writer.ts';

/** Follows manifests for as long as it is not disposed; disposing leaves the store as it is. */
export interface ManifestSource extends AsyncDisposable {
  /** Resolves when the first load is in the store. Problems with files do not reject it. */
  ready(): Promise<void>;
  /** Looks at everything again. Resolves when additions and changes are in the store. */
  reload(): Promise<void>;
  /** Every object that is defined now. */
  defined(): readonly DefinedObject[];
  /** Where an object, or its field `ref.field`, is written; undefined if not in a manifest. */
  locate(ref: ObjectRef): Position | undefined;
}

export interface ManifestSourceOptions {
  /** Files, and folders with manifests at any depth. */
  readonly paths: readonly string[];
  readonly store: Store;
  readonly problems: ProblemSink;
  readonly log: Log;
  readonly clock: Clock;
  readonly meter?: Meter;
}

/**
 * How long an object must be missing from its file before it is removed: longer than any program
 * takes to write a file that it has truncated.
 */
const quietMs = 150;
/** Kernel events can be lost (a full queue, network file systems), so everything is looked at now and then. */
const rescanMs = 10_000;
/** A folder that vanished tells nobody when it is back. */
const goneRescanMs = 250;
/** After an error of our own, so that one that repeats does not take the processor. */
const retryMs = 1_000;

/** Starts to read `paths` into the store, and goes on as they change. */
export function startManifestSource(options: ManifestSourceOptions): ManifestSource {
  return new FollowingSource(options);
}

class FollowingSource implements ManifestSource {
  readonly #options: ManifestSourceOptions;
  readonly #paths: readonly string[];
  readonly #set = new ManifestSet(quietMs);
  readonly #writer: StoreWriter;
  readonly #watch: FolderWatch;
  readonly #objects: BoundGauge | undefined;
  readonly #latency: BoundHistogram | undefined;
  #stamps: Map<string, FileStamp> = new Map();
  readonly #dirty = new Set<string>();
  #mustScan = true;
  #gone: readonly string[] = [];
  #timer: Disposable | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;
  readonly #first = Promise.withResolvers<void>();

  constructor(options: ManifestSourceOptions) {
    this.#options = options;
    this.#paths = options.paths.map(normalizePath);
    this.#writer = new StoreWriter(options.store, this.#set);
    this.#watch = new FolderWatch((event) => this.#changed(event));
    this.#objects = options.meter
      ?.gauge({ name: 'portolan_manifest_objects', help: 'Objects that manifests define.' })
      .bind();
    this.#latency = options.meter
      ?.histogram({
        name: 'portolan_manifest_apply_seconds',
        help: 'From the notice of a change in manifests until it is in the store.',
        buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      })
      .bind();
    this.#wake();
  }

  ready(): Promise<void> {
    return this.#first.promise;
  }

  async reload(): Promise<void> {
    this.#mustScan = true;
    // What runs now may have looked already: then it, or another run, looks again.
    while (this.#mustScan && !this.#isClosed) {
      this.#wake();
      await this.#running;
    }
  }

  defined(): readonly DefinedObject[] {
    return this.#set.defined();
  }

  locate(ref: ObjectRef): Position | undefined {
    return locateObject(this.#set, ref, readText);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#watch[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#running;
    this.#first.resolve();
  }

  /** Decides from a name what an event may mean; what it really means, the next look tells. */
  #changed({ folder, name, isComingOrGoing }: FolderEvent): void {
    if (name === undefined) this.#mustScan = true;
    else {
      const path = join(folder, name);
      const isInside = this.#isInside(path);
      if (this.#stamps.has(path) || (isInside && isManifestName(name))) this.#dirty.add(path);
      // A folder, or the `..data` of a mounted ConfigMap; not a log that grows beside manifests.
      else if (isComingOrGoing && mayMatter(name, isInside)) this.#mustScan = true;
      else return;
    }
    this.#wake();
  }

  /** False for what merely lies beside a file that was named alone. */
  #isInside(path: string): boolean {
    return this.#paths.some((named) => path === named || isBelow(named, path));
  }

  #wake(): void {
    if (this.#isClosed || this.#running !== undefined) return;
    this.#timer?.[Symbol.dispose]();
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      this.#first.resolve();
      this.#scheduleNext();
    });
  }

  async #work(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      do {
        const startMs = clock.nowMs();
        const isScan = this.#mustScan;
        if (isScan) await this.#scan();
        await this.#readDirty();
        // Only after a look that would have shown a folder to be gone as a whole.
        if (isScan) this.#set.expire(clock.nowMs());
        if (await this.#apply()) this.#latency?.observe((clock.nowMs() - startMs) / 1000);
      } while (!this.#isClosed && (this.#mustScan || this.#dirty.size > 0));
    } catch (error) {
      // Not the user's doing; what is in the store stays, and the next look tries again.
      log.error({ err: error }, `manifests could not be applied: ${describeError(error)}`);
      this.#mustScan = true;
      await new Promise<void>((resolve) => void clock.schedule(retryMs, resolve));
    }
  }

  #scheduleNext(): void {
    if (this.#isClosed) return;
    if (this.#mustScan || this.#dirty.size > 0) return this.#wake();
    const { clock } = this.#options;
    const removalMs = this.#set.nextRemovalMs();
    const lookMs = this.#gone.length > 0 ? goneRescanMs : rescanMs;
    const isLook = removalMs === undefined || removalMs - clock.nowMs() > lookMs;
    const delayMs = isLook ? lookMs : removalMs - clock.nowMs();
    this.#timer = clock.schedule(Math.max(1, delayMs), () => {
      // Before anything is removed, its folder must still be there.
      this.#mustScan = true;
      this.#wake();
    });
  }

  async #scan(): Promise<void> {
    this.#mustScan = false;
    const found = await discover(this.#paths);
    if (this.#isClosed) return;
    // What changed between the look and the watch is seen by another look.
    if (this.#watch.follow(found.folders)) this.#mustScan = true;
    this.#gone = found.gone;
    for (const [path, stamp] of found.files) {
      if (this.#stamps.get(path) !== stamp) this.#dirty.add(path);
    }
    const isGone = (path: string): boolean =>
      found.gone.some((named) => path === named || isBelow(named, path));
    this.#set.keepBelow(isGone);
    for (const path of this.#set.paths()) {
      if (found.files.has(path) || isGone(path)) continue;
      if (this.#stamps.has(path) || this.#set.isHolding(path)) this.#dirty.add(path);
    }
    this.#reportFolders(found);
  }

  async #readDirty(): Promise<void> {
    const { clock } = this.#options;
    const paths = [...this.#dirty].toSorted();
    this.#dirty.clear();
    // Not all at once: a first load of thousands of files must not hold all their texts.
    for (let start = 0; start < paths.length; start += filesAtOnce) {
      const batch = paths.slice(start, start + filesAtOnce);
      const loaded = await Promise.all(batch.map((path) => loadSettled(path, clock)));
      if (loaded.some(({ kind }) => kind === 'absent')) this.#set.postponeRemovals(clock.nowMs());
      loaded.forEach((one, index) => this.#take(batch[index] ?? '', one));
    }
  }

  #take(path: string, loaded: LoadedFile): void {
    const nowMs = this.#options.clock.nowMs();
    switch (loaded.kind) {
      case 'text':
        this.#stamps.set(path, loaded.stamp);
        this.#set.read(path, loaded.text, nowMs);
        break;
      case 'unreadable':
        if (loaded.stamp !== undefined) this.#stamps.set(path, loaded.stamp);
        this.#set.unreadable(path, loaded.problem);
        break;
      case 'folder':
        this.#mustScan = true;
        break;
      case 'absent':
        this.#stamps.delete(path);
        this.#set.absent(path, nowMs);
        break;
      default:
        loaded satisfies never;
    }
  }

  /** True when something was written. */
  async #apply(): Promise<boolean> {
    const { clock } = this.#options;
    let changes = this.#set.changes();
    for (const path of changes.missingFrom) {
      const loaded = await loadSettled(path, clock);
      if (loaded.kind === 'text') this.#set.read(path, loaded.text, clock.nowMs(), true);
    }
    if (changes.missingFrom.length > 0) changes = this.#set.changes();
    const amount = changes.put.length + changes.remove.length;
    const refused = await this.#writer.write(changes);
    if (amount > 0) this.#options.log.info(countsOf(changes), 'manifests applied');
    this.#objects?.set(this.#set.writtenCount);
    this.#reportFiles(refused);
    return amount > 0;
  }

  #reportFiles(refused: readonly Problem[]): void {
    const { problems } = this.#options;
    let isNews = false;
    for (const [path, found] of this.#set.changedProblems()) {
      problems.replace(`manifests/${path}`, found);
      isNews = true;
    }
    if (isNews) problems.replace('manifests', this.#set.unserved());
    problems.replace('manifests-writes', refused);
  }

  #reportFolders(found: Discovery): void {
    const unwatched = [...this.#watch.unwatched].map(([folder, why]) => notWatched(folder, why));
    this.#options.problems.replace('manifests-folders', [
      ...found.gone.map((path) => gone(path, isManifestName(basename(path)))),
      ...found.problems,
      ...unwatched,
    ]);
  }
}

/** Texts of a batch are in memory together. */
const filesAtOnce = 64;

function countsOf(changes: { put: readonly unknown[]; remove: readonly unknown[] }): object {
  return { put: changes.put.length, removed: changes.remove.length };
}

/** False for what editors leave for a moment: `.x.swp`, `x~`, vim's probe 4913. */
function mayMatter(name: string, isInside: boolean): boolean {
  return name.startsWith('..') || (isInside && !/^\.|~$|^4913$/.test(name));
}

function isBelow(folder: string, path: string): boolean {
  if (folder === '.') return !isAbsolute(path) && path.split(sep)[0] !== '..';
  return path.startsWith(folder === sep ? sep : folder + sep);
}

function gone(path: string, isFile: boolean): Problem {
  return {
    severity: 'error',
    reason: isFile ? 'ManifestFileGone' : 'ManifestFolderGone',
    message: `${path} does not exist; what it said last stays in force`,
    instead: 'put it back, or start without it; an empty one removes its objects',
  };
}

function notWatched(folder: string, why: string): Problem {
  return {
    severity: 'warning',
    reason: 'ManifestFolderNotWatched',
    message: `changes in ${folder} are noticed within ${rescanMs / 1000} s only: ${why}`,
    instead: 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances',
  };
}
