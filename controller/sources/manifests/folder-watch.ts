import { type FSWatcher, watch } from 'node:fs';
import { describeError } from '../../base/index.ts';
import { isAbsent } from './discover.ts';

/** Something happened in a folder. */
export interface FolderEvent {
  readonly folder: string;
  /** The entry it happened to, if the kernel said. */
  readonly name: string | undefined;
  /** The entry came or went; otherwise what it holds changed. */
  readonly isComingOrGoing: boolean;
}

export type FolderListener = (event: FolderEvent) => void;

/**
 * Hears of changes in a set of folders, each on its own and not those below: Node's recursive
 * watching on Linux reads whole trees, and misses folders that are replaced.
 */
export class FolderWatch implements Disposable {
  readonly #listener: FolderListener;
  readonly #watchers = new Map<
    string,
    { readonly identity: string; readonly watcher: FSWatcher }
  >();
  /** Folders that can't be watched, with the reason: the periodic look must do. */
  readonly #unwatched = new Map<string, string>();

  constructor(listener: FolderListener) {
    this.#listener = listener;
  }

  /** Folders that can't be watched, with the reason, such as a limit of the kernel. */
  get unwatched(): ReadonlyMap<string, string> {
    return this.#unwatched;
  }

  /**
   * The folders to watch from now on, each with what identifies it: one that was replaced under
   * its name is watched anew. True when a watch began, so that what changed before is unseen.
   */
  follow(folders: ReadonlyMap<string, string>): boolean {
    for (const [folder, { identity, watcher }] of this.#watchers) {
      if (folders.get(folder) === identity) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    this.#unwatched.clear();
    let isNew = false;
    for (const [folder, identity] of folders) {
      if (!this.#watchers.has(folder)) isNew = this.#open(folder, identity) || isNew;
    }
    return isNew;
  }

  [Symbol.dispose](): void {
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #open(folder: string, identity: string): boolean {
    try {
      const watcher = watch(folder, (type, name) =>
        this.#listener({
          folder,
          name: name ?? undefined,
          isComingOrGoing: type === 'rename',
        }),
      );
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
        this.#listener({ folder, name: undefined, isComingOrGoing: true });
      });
      this.#watchers.set(folder, { identity, watcher });
      return true;
    } catch (error) {
      // Gone again already; the look that follows will see it.
      if (!isAbsent(error)) this.#unwatched.set(folder, describeError(error));
      return false;
    }
  }
}
