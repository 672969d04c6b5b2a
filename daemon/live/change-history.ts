import type { Clock } from '../../controller/base/index.ts';
import type { Kind } from '../../controller/objects/index.ts';
import type { Store, WatchEvent } from '../../controller/store/index.ts';
import { changedFields } from './changed-fields.ts';

/** One change of an object, for people. */
export interface ObjectChange {
  /** Grows by one with each change. */
  readonly sequence: number;
  /** Wall time, Unix milliseconds. */
  readonly atMs: number;
  readonly type: 'added' | 'changed' | 'deleted';
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Paths of fields that differ, such as `spec.ports[0].port`; the first few. */
  readonly fields: readonly string[];
}

/** Enough for an afternoon of a small cluster or a minute of a busy one. */
const maxChanges = 500;

/** Kinds whose content is nobody's business here: that they changed is said, not how. */
const secretKinds: ReadonlySet<string> = new Set(['Secret'] satisfies Kind[]);

/** Remembers the newest changes of the store. What was there at the start is no change. */
export class ChangeHistory implements Disposable {
  readonly #clock: Clock;
  readonly #watch: Disposable;
  readonly #changes: ObjectChange[] = [];
  #sequence = 0;

  constructor(store: Store, clock: Clock) {
    this.#clock = clock;
    this.#watch = store.watch({}, (events) => {
      for (const event of events) this.#remember(event);
    });
  }

  /** Changes after the one numbered `sequence`, oldest first; 0: all that are remembered. */
  since(sequence: number): readonly ObjectChange[] {
    return this.#changes.filter((change) => change.sequence > sequence);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #remember(event: WatchEvent): void {
    if (event.type === 'BOOKMARK') return;
    const { kind, metadata } = event.object;
    const isOpen = event.type === 'MODIFIED' && !secretKinds.has(kind);
    this.#changes.push({
      sequence: ++this.#sequence,
      atMs: this.#clock.wallMs(),
      type: event.type === 'ADDED' ? 'added' : event.type === 'DELETED' ? 'deleted' : 'changed',
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      fields: isOpen ? changedFields(event.previous, event.object) : [],
    });
    if (this.#changes.length > maxChanges) this.#changes.shift();
  }
}
