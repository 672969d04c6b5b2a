import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, describeError } from '../../controller/base/index.ts';

/** Only this user may read: later parts keep credentials here. */
const directoryMode = 0o700;

/**
 * The folder for what outlives a restart, held by one daemon at a time: two would give the same
 * addresses to different Services.
 */
export class DataDirectory implements Disposable {
  readonly path: string;
  readonly #lock: string;

  /** @throws ConfigError `DataDirectoryUnusable`, `DataDirectoryInUse` */
  constructor(path: string) {
    this.path = path;
    this.#lock = join(path, 'daemon.pid');
    try {
      mkdirSync(path, { recursive: true, mode: directoryMode });
      this.#takeLock();
    } catch (cause) {
      if (cause instanceof ConfigError) throw cause;
      const message = `--data-dir ${path} cannot be used: ${describeError(cause)}`;
      throw new ConfigError('DataDirectoryUnusable', message, undefined, { cause });
    }
  }

  /** A file of this folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#lock, { force: true });
  }

  #takeLock(): void {
    try {
      writeFileSync(this.#lock, `${process.pid}\n`, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(this.#lock, 'utf8'));
      if (isDaemon(holder)) {
        const message = `--data-dir ${this.path} is held by the running daemon with pid ${holder}; stop it, or choose another folder`;
        throw new ConfigError('DataDirectoryInUse', message);
      }
      // Left behind by a daemon that was killed.
      writeFileSync(this.#lock, `${process.pid}\n`);
    }
  }
}

/** True if `pid` lives and looks like one of ours: numbers are used again after a reboot. */
function isDaemon(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('up');
  } catch {
    // No such process.
    return false;
  }
}
