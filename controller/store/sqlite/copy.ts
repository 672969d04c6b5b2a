import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigError, describeError } from '../../base/index.ts';
import { applicationId, pragma } from './schema.ts';

/** The file of a durable store within a data directory. */
export const storeFileName = 'store.db';

/**
 * Copies the file of a durable store as it is at one moment, also while a daemon writes to it: the
 * copy is a file that a daemon can start with. It is on the disk when this returns.
 * @throws ConfigError `BackupFailed`; then nothing is left at `to`
 */
export function copyStore(from: string, to: string): void {
  if (!existsSync(from)) throw failed(`${from} does not exist: name the folder with --data-dir`);
  if (existsSync(to)) throw failed(`${to} exists already: choose another name, or remove it`);
  try {
    // With every page read and written anew: a damaged file has no copy.
    using source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
    if (pragma(source, 'application_id') !== applicationId) {
      throw new Error('it is no store of portolan');
    }
    source.prepare('VACUUM INTO ?').run(to);
    using copy = new DatabaseSync(to);
    // Whoever starts with it must not give out versions again that the original gave out since.
    copy.exec('UPDATE stored SET isCopy = 1');
  } catch (cause) {
    rmSync(to, { force: true });
    throw failed(`${from} cannot be copied to ${to}: ${describeError(cause)}`, cause);
  }
  for (const path of [to, dirname(to)]) {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}

function failed(message: string, cause?: unknown): ConfigError {
  return new ConfigError('BackupFailed', message, undefined, { cause });
}
