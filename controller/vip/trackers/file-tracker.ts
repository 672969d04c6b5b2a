import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Clock, describeError, type Log } from '../../base/index.ts';

/**
 * A number is a few bytes, so that looking costs less than a watch that survives files and folders
 * which come, go and are renamed over each other.
 */
const everyMs = 250;
/** keepalived's bounds of the number. */
const maxValue = 254;

export interface FileTrackerOptions {
  readonly file: string;
  /** The text of the file; undefined when there is none. */
  readonly read: (file: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks at the number in a file again and again, and tells when it changes. */
export class FileTracker implements Disposable {
  readonly #options: FileTrackerOptions;
  readonly #onChange: (value: number | undefined) => void;
  #value: number | undefined;
  #complaint: string | undefined;
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(options: FileTrackerOptions, onChange: (value: number | undefined) => void) {
    this.#options = options;
    this.#onChange = onChange;
    void this.#look();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
  }

  /** Never rejects: what cannot be read keeps its last value, and is reported once. */
  async #look(): Promise<void> {
    const { file, read, clock } = this.#options;
    try {
      const value = numberIn(await read(file));
      if (this.#disposed) return;
      this.#complaint = undefined;
      if (value !== this.#value) {
        this.#value = value;
        this.#onChange(value);
      }
    } catch (error) {
      this.#complain(describeError(error));
    }
    if (!this.#disposed) this.#timer = clock.schedule(everyMs, () => void this.#look());
  }

  #complain(error: string): void {
    if (this.#complaint === error || this.#disposed) return;
    this.#complaint = error;
    const { file, log } = this.#options;
    log.warn({ file, error }, 'a tracked file says nothing; its last number stays in force');
  }
}

/** Undefined for no text. @throws RangeError for text that is no number in range */
function numberIn(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  const value = Number(trimmed);
  if (!/^-?\d+$/.test(trimmed) || Math.abs(value) > maxValue) {
    throw new RangeError(`it has to hold a whole number from -${maxValue} to ${maxValue}`);
  }
  return value;
}

/** At most 64 bytes: more is no number. Undefined when there is no such file. */
export async function readTrackedFile(file: string): Promise<string | undefined> {
  try {
    // A FIFO without a writer would hold the thread that opens it for good.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
