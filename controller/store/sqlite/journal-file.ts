import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { PortolanError } from '../../base/index.ts';
import type { ChangeRow, StoredRows } from './protocol.ts';
import { applicationId, createTables, pragma, restoredJump, schemaVersion } from './schema.ts';

/** Why a file cannot be opened, or written to. */
export class JournalError extends PortolanError {
  readonly reason: 'damaged' | 'foreign' | 'full' | 'failed';

  constructor(reason: JournalError['reason'], message: string, options?: ErrorOptions) {
    super('JournalError', message, options);
    this.reason = reason;
  }
}

/**
 * The file of a durable store. Every call blocks until the disk has answered, so it runs in a
 * thread of its own. A commit that returned survives the end of the process and of the machine:
 * WAL with `synchronous = FULL` syncs the log with each (sqlite.org/pragma.html#pragma_synchronous).
 */
export class JournalFile implements Disposable {
  readonly #database: DatabaseSync;
  readonly #historyLimit: number;
  readonly #statements: Readonly<
    Record<'put' | 'remove' | 'change' | 'version' | 'forget', StatementSync>
  >;
  #oldest = 0;

  private constructor(database: DatabaseSync, historyLimit: number) {
    this.#database = database;
    this.#historyLimit = historyLimit;
    this.#statements = {
      put: database.prepare(
        'INSERT INTO objects VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET object = excluded.object',
      ),
      remove: database.prepare('DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?'),
      change: database.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)'),
      version: database.prepare('UPDATE stored SET version = ?'),
      forget: database.prepare('DELETE FROM changes WHERE version <= ?'),
    };
  }

  /**
   * Opens the file, or makes it. Every page is checked first: what is damaged is refused while a
   * copy of it can still be made.
   * @throws JournalError
   */
  static open(path: string, historyLimit: number): { file: JournalFile; stored: StoredRows } {
    let database: DatabaseSync | undefined;
    try {
      // Another process may be making a copy.
      database = new DatabaseSync(path, { timeout: 5_000 });
      checkOwner(database);
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      checkPages(database);
      if (pragma(database, 'user_version') === 0) createTables(database);
      advanceCopy(database);
      const file = new JournalFile(database, historyLimit);
      return { file, stored: file.#read() };
    } catch (error) {
      database?.close();
      throw asJournalError(error);
    }
  }

  /** Makes the changes outlive everything but the disk: all of them, or none. @throws JournalError */
  commit(rows: readonly ChangeRow[]): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const row of rows) this.#apply(row);
      const version = rows.at(-1)?.version ?? 0;
      this.#statements.version.run(version);
      this.#compact(version);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      throw asJournalError(error);
    }
  }

  /** Moves the log into the file, so that a copy of the file alone is whole. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  #apply(row: ChangeRow): void {
    const { version, type, kind, namespace, name, object, previous } = row;
    if (type === 'DELETED') this.#statements.remove.run(kind, namespace, name);
    else this.#statements.put.run(kind, namespace, name, object);
    this.#statements.change.run(version, type, kind, namespace, name, object, previous);
  }

  /** Once for each `historyLimit` changes: up to twice as many are kept. */
  #compact(version: number): void {
    if (version - this.#oldest < 2 * this.#historyLimit) return;
    this.#oldest = version - this.#historyLimit;
    this.#statements.forget.run(this.#oldest);
  }

  #rollback(): void {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  #read(): StoredRows {
    const stored = this.#database.prepare('SELECT version FROM stored').get();
    const version = Number(stored?.['version']);
    const objects = this.#database
      .prepare('SELECT object FROM objects')
      .all()
      .map(({ object }) => String(object));
    // The columns of the table are the fields of the type.
    const history = this.#database
      .prepare('SELECT * FROM changes ORDER BY version')
      .all() as unknown as readonly ChangeRow[];
    this.#oldest = history[0]?.version ?? version;
    return { version, objects, history };
  }
}

function checkOwner(database: DatabaseSync): void {
  const owner = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const isNew = owner === 0 && version === 0 && pragma(database, 'page_count') === 0;
  if (!isNew && owner !== applicationId) {
    throw new JournalError('foreign', 'it is a database of another program');
  }
  if (version > schemaVersion) {
    throw new JournalError('foreign', 'it was written by a newer version of portolan');
  }
}

function checkPages(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA quick_check(1)').get();
  const finding = String(row ? Object.values(row)[0] : 'no answer');
  if (finding !== 'ok') throw new JournalError('damaged', finding.replaceAll('\n', ' '));
}

/** A copy knows nothing of what came after it was made: no version of that may come again. */
function advanceCopy(database: DatabaseSync): void {
  const stored = database.prepare('SELECT isCopy FROM stored').get();
  if (stored === undefined) throw new JournalError('damaged', 'the table "stored" is empty');
  if (stored['isCopy'] === 0) return;
  database.exec('BEGIN IMMEDIATE; DELETE FROM changes');
  database.exec(`UPDATE stored SET version = version + ${restoredJump}, isCopy = 0`);
  database.exec('COMMIT');
}

/** sqlite.org/rescode.html: primary codes are the low byte. */
function asJournalError(error: unknown): JournalError {
  if (error instanceof JournalError) return error;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (code === 11 || code === 26) return new JournalError('damaged', message, options);
  // READONLY, IOERR, FULL: the disk, or the rights on it.
  if (code === 8 || code === 10 || code === 13) return new JournalError('full', message, options);
  return new JournalError('failed', message, options);
}
