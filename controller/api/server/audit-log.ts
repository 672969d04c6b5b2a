import { createWriteStream, type WriteStream } from 'node:fs';
import type { Log } from '../../base/index.ts';

/** One line of the audit log: who did what, and what became of it; never what was in it. */
export interface AuditEntry {
  readonly time: string;
  readonly user: string;
  readonly sourceIP: string;
  readonly verb: string;
  readonly path: string;
  readonly status: number;
}

/** A disk that does not keep up loses lines rather than memory; how many is logged. */
const maxWaitingBytes = 4 * 1024 * 1024;

/** Appends JSON lines to a file. */
export class AuditLog implements AsyncDisposable {
  readonly #stream: WriteStream;
  #lost = 0;

  constructor(path: string, log: Log) {
    this.#stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
    this.#stream.on('error', (error) => {
      log.error({ error: error.message, path }, 'audit log cannot be written');
    });
    this.#stream.on('drain', () => {
      if (this.#lost > 0) log.warn({ lost: this.#lost }, 'audit lines lost: the disk is too slow');
      this.#lost = 0;
    });
  }

  write(entry: AuditEntry): void {
    if (this.#stream.writableLength > maxWaitingBytes) this.#lost += 1;
    else this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
  }
}
