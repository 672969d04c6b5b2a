import { existsSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { type Clock, describeError, type Log } from '../../base/index.ts';
import type { Kind } from '../../objects/index.ts';
import type { Store, WriteOperation } from '../../store/index.ts';
import type { DefinedObject } from './manifest-set.ts';

/** One object that a manifest defined, as the record keeps it. */
interface Recorded extends DefinedObject {
  /** Of the object then: one of the same name that somebody made since is not ours. */
  readonly uid: string;
}

export interface LeftBehindOptions {
  /** Of the record. */
  readonly path: string;
  readonly store: Store;
  readonly defined: () => readonly DefinedObject[];
  /** Whether something is wrong with a file now: then what it said last stays. */
  readonly isBroken: (file: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** What changes together is recorded together. */
const settleMs = 1_000;

/**
 * Remembers, beside a store that outlives the daemon, which objects manifests defined: those whose
 * manifests went while no daemon ran are removed at the next start. Without it they would stay for
 * ever, and nobody could say why.
 */
export class LeftBehind implements AsyncDisposable {
  readonly #options: LeftBehindOptions;
  readonly #watch: Disposable;
  #timer: Disposable | undefined;
  #writing: Promise<void> = Promise.resolve();
  #recorded = '';

  private constructor(options: LeftBehindOptions) {
    this.#options = options;
    this.#watch = options.store.watch({}, () => {
      this.#timer ??= options.clock.schedule(settleMs, () => {
        this.#timer = undefined;
        this.#record();
      });
    });
    this.#record();
  }

  /** Removes what was left behind, then keeps the record. To be called once manifests are read. */
  static async start(options: LeftBehindOptions): Promise<LeftBehind> {
    const { store, log } = options;
    const operations = leftBehind(options);
    if (operations.length > 0) {
      await store.writeAll(operations);
      log.info({ removed: operations.length }, 'objects whose manifests are gone');
    }
    return new LeftBehind(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#record();
    await this.#writing;
  }

  #record(): void {
    const { defined, store, path, log } = this.#options;
    const recorded = defined().map((one): Recorded => {
      const uid = store.get<Kind>(one.kind, one.namespace, one.name)?.metadata.uid;
      return { ...one, uid: uid ?? '' };
    });
    const text = JSON.stringify(recorded);
    if (text === this.#recorded) return;
    this.#recorded = text;
    this.#writing = this.#writing
      .then(() => write(path, text))
      .catch((error: unknown) => log.warn({ path, error: describeError(error) }, 'not recorded'));
  }
}

function leftBehind({ path, store, defined, isBroken }: LeftBehindOptions): WriteOperation[] {
  const now = new Set(defined().map(keyOf));
  return read(path).flatMap((one): readonly WriteOperation[] => {
    if (now.has(keyOf(one)) || (existsSync(one.file) && isBroken(one.file))) return [];
    const found = store.get<Kind>(one.kind, one.namespace, one.name);
    if (!found || found.metadata.uid !== one.uid) return [];
    const { kind, namespace, name } = one;
    return [{ kind: 'delete', objectKind: kind, namespace, name }];
  });
}

function keyOf({ kind, namespace, name }: DefinedObject): string {
  return `${kind}/${namespace}/${name}`;
}

/** Nothing from a record that cannot be read: what it would remove stays, which harms least. */
function read(path: string): readonly Recorded[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as readonly Recorded[];
  } catch {
    return [];
  }
}

/** The old record or the new one, whenever the machine stops. */
async function write(path: string, text: string): Promise<void> {
  {
    await using file = await open(`${path}.new`, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(`${path}.new`, path);
}
