import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeError, type Problem } from '../../base/index.ts';

/** What tells one version of a file from another without reading it. */
export type FileStamp = string;

/** What lies below the paths that a user named. */
export interface Discovery {
  /** Manifest files in path order. */
  readonly files: ReadonlyMap<string, FileStamp>;
  /** Folders whose changes matter, parents of named files included, with what identifies each. */
  readonly folders: ReadonlyMap<string, string>;
  /** Named paths that do not exist. */
  readonly gone: readonly string[];
  /** What could not be looked at. */
  readonly problems: readonly Problem[];
}

/** Bounds: a path named by mistake (`-f /`) must not take the daemon's memory. */
const maxFiles = 100_000;
const maxDepth = 32;

/**
 * Finds manifest files: named ones whatever they are called, and `*.yaml`, `*.yml`, `*.json` in
 * named folders at any depth. Names that begin with a dot are passed over: editors' temporary
 * files, `.git`, and the `..data` through which a mounted ConfigMap swaps its files, which appear
 * under their own names too.
 */
export async function discover(paths: readonly string[]): Promise<Discovery> {
  const walk = new Walk();
  for (const path of paths) await walk.enterNamed(path);
  return walk.finish();
}

/** True for names of files that count as manifests inside a folder. */
export function isManifestName(name: string): boolean {
  return /^[^.].*\.(?:ya?ml|json)$/i.test(name) || name === 'Kustomization';
}

/** Changes when the content may have: also after a file was replaced by another of equal size. */
export function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): FileStamp {
  return `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}

/** A folder that was replaced has its name still, but nothing that watches it. */
function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

class Walk {
  readonly #files = new Map<string, FileStamp>();
  readonly #folders = new Map<string, string>();
  readonly #gone: string[] = [];
  readonly #problems: Problem[] = [];
  /** Real paths of folders on the way down: a link back to one of them is a loop. */
  readonly #above: string[] = [];
  #isFull = false;

  async enterNamed(path: string): Promise<void> {
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) return await this.#enterFolder(path);
      this.#add(path, stats);
      await this.#followParent(path);
    } catch (error) {
      if (!isAbsent(error)) return this.#unreadable(path, error);
      this.#gone.push(path);
      await this.#followParent(path);
    }
  }

  /** A file's changes, and the return of what is gone, show in the folder above. */
  async #followParent(path: string): Promise<void> {
    const parent = dirname(path);
    try {
      this.#folders.set(parent, identityOf(await stat(parent)));
    } catch (error) {
      if (!isAbsent(error)) this.#unreadable(parent, error);
    }
  }

  finish(): Discovery {
    return {
      files: new Map([...this.#files].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      folders: this.#folders,
      gone: this.#gone,
      problems: this.#problems,
    };
  }

  async #enterFolder(path: string): Promise<void> {
    const real = await realpath(path);
    if (this.#above.includes(real) || this.#above.length >= maxDepth) return;
    this.#folders.set(path, identityOf(await stat(path)));
    this.#above.push(real);
    const entries = await readdir(path, { withFileTypes: true });
    await Promise.all(
      entries
        .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
        .map((entry) => this.#enter(join(path, entry.name))),
    );
    for (const entry of entries) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) {
        await this.#tryFolder(join(path, entry.name));
      }
    }
    this.#above.pop();
  }

  /** A file, or a link to a file or folder. */
  async #enter(path: string): Promise<void> {
    if (!isManifestName(basename(path)) && !(await lstat(path)).isSymbolicLink()) return;
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) await this.#tryFolder(path);
      else if (stats.isFile() && isManifestName(basename(path))) this.#add(path, stats);
    } catch (error) {
      // A file that went away meanwhile, or a link to nowhere as editors use for locks.
      if (!isAbsent(error)) this.#unreadable(path, error);
    }
  }

  async #tryFolder(path: string): Promise<void> {
    try {
      await this.#enterFolder(path);
    } catch (error) {
      if (!isAbsent(error)) this.#unreadable(path, error);
    }
  }

  #add(path: string, stats: Stats): void {
    if (this.#files.size < maxFiles) this.#files.set(path, stampOf(stats));
    else if (!this.#isFull) {
      this.#isFull = true;
      const message = `there are more than ${maxFiles} files here; the rest is not read`;
      this.#problems.push({ severity: 'error', reason: 'TooManyFiles', message, at: topOf(path) });
    }
  }

  #unreadable(path: string, error: unknown): void {
    this.#problems.push(unreadable(path, error));
  }
}

/** The problem of a file or folder that is there but can't be read. */
export function unreadable(path: string, error: unknown): Problem {
  return {
    severity: 'error',
    reason: 'Unreadable',
    message: `can't be read: ${describeError(error)}`,
    instead: 'let the user that Portolan runs as read it',
    at: topOf(path),
  };
}

/** True when the error says that nothing is there. */
export function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Where a problem with a whole file is shown. */
export function topOf(file: string): { file: string; line: number; column: number } {
  return { file, line: 1, column: 1 };
}
