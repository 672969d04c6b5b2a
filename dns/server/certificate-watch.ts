import { isDeepStrictEqual } from 'node:util';
import { createSecureContext } from 'node:tls';
import { type Clock, describeError, type Log } from '../../controller/base/index.ts';
import { readServerTls, type ServerTls } from './server-tls.ts';
import type { BlockSettings } from './settings.ts';

/** Certificates are renewed days before they expire. */
const intervalMs = 60_000;

/**
 * Reads the files of a `tls` line now and then, and hands on what is new in them. By time: what
 * renews certificates replaces files through a symlink. Files that are broken, or only half
 * replaced, change nothing.
 */
export class CertificateWatch implements Disposable {
  readonly #files: NonNullable<BlockSettings['tls']>;
  readonly #parts: { readonly clock: Clock; readonly log: Log };
  readonly #take: (tls: ServerTls) => void;
  #last: ServerTls['context'] | undefined;
  #timer: Disposable | undefined;
  #stopped = false;

  constructor(
    files: NonNullable<BlockSettings['tls']>,
    parts: { readonly clock: Clock; readonly log: Log },
    take: (tls: ServerTls) => void,
  ) {
    this.#files = files;
    this.#parts = parts;
    this.#take = take;
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = this.#parts.clock.schedule(intervalMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    try {
      const tls = await readServerTls(this.#files);
      if (!this.#stopped && !isDeepStrictEqual(tls.context, this.#last)) {
        // Throws when key and certificate are not a pair.
        createSecureContext(tls.context);
        this.#take(tls);
        this.#last = tls.context;
      }
    } catch (error) {
      const { certFile } = this.#files;
      this.#parts.log.warn({ certFile, error: describeError(error) }, 'certificate not renewed');
    }
    this.#schedule();
  }
}
