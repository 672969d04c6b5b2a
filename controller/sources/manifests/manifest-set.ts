import { formatPosition, type Position, type Problem } from '../../base/index.ts';
import type { AnyObject } from '../../objects/index.ts';
import type { Identity } from '../../schema/index.ts';
import { type Claim, Claims } from './claims.ts';
import { type Entry, keyOf } from './read-document.ts';
import { entriesOf, type PlacedRecord, problemsOf, readFileText } from './read-file.ts';
import { unservedProblems } from './unserved.ts';

/** What of one file is remembered. */
interface FileState {
  readonly documents: readonly PlacedRecord[];
  /** Objects that earlier versions of the file defined and that stay for now, by key. */
  readonly held: ReadonlyMap<string, Held>;
  /** The file is there but can't be read: everything it said before holds. */
  readonly trouble: Problem | undefined;
}

/** `untilMs` undefined: the file is broken or out of reach, so that its silence means nothing. */
interface Held {
  readonly entry: Entry;
  readonly sinceMs: number;
  readonly untilMs: number | undefined;
}

/** What must happen for the store to hold what the files say. */
/** An object, and the file that defines it. */
export interface DefinedObject extends Identity {
  readonly file: string;
}

export interface Changes {
  readonly put: readonly { readonly entry: Entry; readonly object: AnyObject }[];
  readonly remove: readonly Identity[];
  /** Files that must be read again in full: their objects are needed and not in memory. */
  readonly missingFrom: readonly string[];
}

const empty: FileState = { documents: [], held: new Map(), trouble: undefined };

/**
 * All manifest files together: which objects they define, what is wrong with them, and what
 * changed since it was last asked. Holds hashes and places, not texts or objects.
 */
export class ManifestSet {
  readonly #files = new Map<string, FileState>();
  readonly #claims = new Claims();
  /** Documents of kinds that are not served, by file: most files have none. */
  readonly #unserved = new Map<string, readonly PlacedRecord[]>();
  /** Hashes of what was written, by key. */
  readonly #written = new Map<string, Entry>();
  /** Keys to look at, and the objects just read that they may need. */
  readonly #changed = new Set<string>();
  readonly #fresh = new Map<string, Map<string, AnyObject>>();
  /** Files whose problems may have changed. */
  readonly #touched = new Set<string>();
  readonly #quietMs: number;

  /** `quietMs`: how long an object must have been gone from its file before it is removed. */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  /** Takes the text that a file has now. */
  read(path: string, text: string, nowMs: number, isFull = false): void {
    const before = this.#files.get(path) ?? empty;
    const { documents, objects } = readFileText(path, text, isFull ? [] : before.documents);
    const fresh = this.#fresh.get(path) ?? new Map<string, AnyObject>();
    for (const [key, object] of objects) fresh.set(key, object);
    this.#fresh.set(path, fresh);
    this.#set(path, { documents, held: this.#hold(before, documents, nowMs), trouble: undefined });
  }

  /** The file is gone. */
  absent(path: string, nowMs: number): void {
    const before = this.#files.get(path);
    if (before === undefined) return;
    this.#set(path, { ...empty, held: this.#hold(before, [], nowMs) });
  }

  /** The file is there, but nobody knows what it says. */
  unreadable(path: string, trouble: Problem): void {
    const before = this.#files.get(path) ?? empty;
    this.#set(path, { ...before, trouble });
  }

  /** When the first object falls due for removal; undefined: none is on its way out. */
  nextRemovalMs(): number | undefined {
    let first: number | undefined;
    for (const { held } of this.#files.values()) {
      for (const { untilMs } of held.values()) {
        if (untilMs !== undefined && (first === undefined || untilMs < first)) first = untilMs;
      }
    }
    return first;
  }

  /**
   * More just went away, so a whole folder may be going: what is on its way out waits, for ten
   * times the usual at most.
   */
  postponeRemovals(nowMs: number): void {
    this.#mapHeld((one) => {
      if (one.untilMs === undefined) return one;
      const lastMs = one.sinceMs + this.#quietMs * 10;
      return { ...one, untilMs: Math.max(one.untilMs, Math.min(lastMs, nowMs + this.#quietMs)) };
    });
  }

  /** Lets go of what fell due. */
  expire(nowMs: number): void {
    for (const [path, state] of this.#files) {
      const due = [...state.held].filter(
        ([, { untilMs }]) => untilMs !== undefined && untilMs <= nowMs,
      );
      if (due.length === 0) continue;
      const held = new Map(state.held);
      for (const [key] of due) held.delete(key);
      this.#set(path, { ...state, held });
    }
  }

  /** True when objects of a file stay although it no longer says so, until that is sure. */
  isHolding(path: string): boolean {
    const held = this.#files.get(path)?.held.values() ?? [];
    return [...held].some(({ untilMs }) => untilMs === undefined);
  }

  /** Files below a folder that vanished keep what they said until the folder is back. */
  keepBelow(isBelow: (path: string) => boolean): void {
    this.#mapHeld((one, path) => (isBelow(path) ? { ...one, untilMs: undefined } : one));
  }

  /** What differs from what was written. */
  changes(): Changes {
    const put: { entry: Entry; object: AnyObject }[] = [];
    const remove: Identity[] = [];
    const missingFrom = new Set<string>();
    for (const key of this.#changed) {
      const claim = this.#claims.of(key)[0];
      const written = this.#written.get(key);
      if (claim === undefined) {
        if (written !== undefined) remove.push(written.identity);
      } else if (written?.contentHash !== claim.entry.contentHash) {
        const object = this.#fresh.get(claim.path)?.get(key);
        if (object === undefined) missingFrom.add(claim.path);
        else put.push({ entry: claim.entry, object });
      }
    }
    return { put, remove, missingFrom: [...missingFrom] };
  }

  /** What was last written under this key. */
  written(key: string): Entry | undefined {
    return this.#written.get(key);
  }

  /** Every object that was written, and the file that defines it. */
  defined(): readonly DefinedObject[] {
    return Array.from(this.#written, ([key, { identity }]) => {
      const file = this.find(key)?.path;
      return file === undefined ? [] : [{ ...identity, file }];
    }).flat();
  }

  /** How many objects are in the store because of manifests. */
  get writtenCount(): number {
    return this.#written.size;
  }

  /** `changes()` was carried out but for what failed, which stays to be done. */
  commit(changes: Changes, failedKeys: ReadonlySet<string>): void {
    for (const { entry } of changes.put) {
      if (!failedKeys.has(entry.key)) this.#written.set(entry.key, entry);
    }
    for (const identity of changes.remove) {
      const key = keyOf(identity);
      if (!failedKeys.has(key)) this.#written.delete(key);
    }
    this.#changed.clear();
    for (const key of failedKeys) this.#changed.add(key);
    this.#fresh.clear();
  }

  /** The entry that counts for a key, with its file and document. */
  find(
    key: string,
  ):
    | { readonly path: string; readonly entry: Entry; readonly document: PlacedRecord | undefined }
    | undefined {
    const claim = this.#claims.of(key)[0];
    if (claim === undefined) return undefined;
    return { path: claim.path, entry: claim.entry, document: this.#documentOf(claim) };
  }

  /** Files that said something once and are not forgotten. */
  paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** Problems of each file for which they may have changed since the last call. */
  *changedProblems(): Iterable<readonly [path: string, problems: readonly Problem[]]> {
    for (const path of this.#touched) yield [path, this.#problemsOf(path)];
    this.#touched.clear();
  }

  /** Kinds that are not served, over all files. */
  unserved(): readonly Problem[] {
    return unservedProblems([...this.#unserved].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #hold(
    before: FileState,
    documents: readonly PlacedRecord[],
    nowMs: number,
  ): ReadonlyMap<string, Held> {
    const defined = entriesOf(documents);
    const refused = new Set(documents.flatMap(({ record }) => record.refused));
    const isOpaque = documents.some(({ record }) => record.isOpaque);
    const held = new Map<string, Held>();
    const former: Held[] = [
      ...[...entriesOf(before.documents).values()].map(
        (entry): Held => ({ entry, sinceMs: nowMs, untilMs: undefined }),
      ),
      ...before.held.values(),
    ];
    for (const { entry, sinceMs, untilMs = nowMs + this.#quietMs } of former) {
      if (defined.has(entry.key)) continue;
      const isBroken = isOpaque || refused.has(entry.key);
      held.set(entry.key, { entry, sinceMs, untilMs: isBroken ? undefined : untilMs });
    }
    return held;
  }

  #mapHeld(change: (held: Held, path: string) => Held): void {
    for (const [path, state] of this.#files) {
      if (state.held.size === 0) continue;
      const held = new Map([...state.held].map(([key, one]) => [key, change(one, path)] as const));
      this.#set(path, { ...state, held });
    }
  }

  #set(path: string, state: FileState): void {
    const isForgotten =
      state.documents.length === 0 && state.held.size === 0 && state.trouble === undefined;
    if (isForgotten) this.#files.delete(path);
    else this.#files.set(path, state);
    this.#touched.add(path);
    const unserved = state.documents.filter(({ record }) => record.unserved.length > 0);
    if (unserved.length > 0) this.#unserved.set(path, unserved);
    else this.#unserved.delete(path);
    const claims: Claim[] = [
      ...[...entriesOf(state.documents).values()].map((entry) => ({
        path,
        entry,
        isFading: false,
      })),
      ...[...state.held.values()].map(({ entry, untilMs }) => ({
        path,
        entry,
        isFading: untilMs !== undefined,
      })),
    ];
    for (const key of this.#claims.set(path, claims)) {
      this.#changed.add(key);
      for (const claim of this.#claims.of(key)) this.#touched.add(claim.path);
    }
  }

  #documentOf(claim: Claim): PlacedRecord | undefined {
    const documents = this.#files.get(claim.path)?.documents ?? [];
    return documents.find(({ record }) => record.entries.includes(claim.entry));
  }

  #problemsOf(path: string): readonly Problem[] {
    const state = this.#files.get(path);
    if (state === undefined) return [];
    return [
      ...(state.trouble === undefined ? [] : [state.trouble]),
      ...problemsOf(path, state.documents),
      ...this.#duplicates(path, state.documents),
    ];
  }

  #duplicates(path: string, documents: readonly PlacedRecord[]): readonly Problem[] {
    const problems: Problem[] = [];
    for (const document of documents) {
      for (const entry of document.record.entries) {
        const winner = this.#claims.of(entry.key)[0];
        if (winner === undefined || winner.entry === entry) continue;
        const at = positionOf(path, document, entry);
        const first = positionOf(winner.path, this.#documentOf(winner), winner.entry);
        // The same said twice is untidy; two different things said is a question of luck.
        const isSame = winner.entry.contentHash === entry.contentHash;
        problems.push({
          severity: isSame ? 'warning' : 'error',
          reason: 'DuplicateObject',
          message: `is defined ${isSame ? 'with the same content ' : ''}in ${formatPosition(first)} already, and that definition is in force`,
          instead: 'remove one of the two, or give one another name',
          object: entry.identity,
          at,
        });
      }
    }
    return problems;
  }
}

function positionOf(file: string, document: PlacedRecord | undefined, entry: Entry): Position {
  return { file, line: (document?.line ?? 1) + entry.line - 1, column: 1 };
}
