import type { DatabaseSync } from 'node:sqlite';

/** `PRAGMA application_id`, so that file(1) and we know the file: "Ptln". */
export const applicationId = 0x50746c6e;
/** `PRAGMA user_version`. Grows with each change that an older program would misread. */
export const schemaVersion = 1;

/**
 * How far a store that was restored from a copy jumps ahead: beyond any version that was given out
 * after the copy was made, so that none is ever given out twice.
 */
export const restoredJump = 1_000_000_000;

/**
 * Objects as they are, and the newest changes, from which watches resume. `stored` has one row:
 * the version that was reached, and whether the file is a copy.
 */
const tables = `
CREATE TABLE objects (
  kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, object TEXT NOT NULL,
  PRIMARY KEY (kind, namespace, name)
) WITHOUT ROWID;
CREATE TABLE changes (
  version INTEGER PRIMARY KEY, type TEXT NOT NULL, kind TEXT NOT NULL, namespace TEXT NOT NULL,
  name TEXT NOT NULL, object TEXT NOT NULL, previous TEXT
);
CREATE TABLE stored (version INTEGER NOT NULL, isCopy INTEGER NOT NULL);
INSERT INTO stored VALUES (0, 0);
`;

/** Makes the tables in a file that has none yet. */
export function createTables(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  database.exec(tables);
  database.exec(`PRAGMA application_id = ${applicationId}`);
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  database.exec('COMMIT');
}

/** One number that a pragma answers. */
export function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(row ? Object.values(row)[0] : 0);
}
