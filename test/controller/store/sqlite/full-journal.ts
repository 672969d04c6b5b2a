import type { Journal } from '../../../../controller/store/sqlite/journal.ts';
import { JournalError } from '../../../../controller/store/sqlite/journal-file.ts';

/** A journal whose disk is full for as long as a test says so. */
export class FullJournal implements Journal {
  isFull = false;
  commits = 0;

  async open(): ReturnType<Journal['open']> {
    return { version: 0, objects: [], history: [] };
  }

  async commit(): Promise<void> {
    this.commits += 1;
    if (this.isFull) throw new JournalError('full', 'database or disk is full');
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
