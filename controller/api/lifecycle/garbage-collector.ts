import { describeError } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { type ObjectEvent, objectTypeOf, StoreError } from '../../store/index.ts';
import type { ApiContext } from '../server/context.ts';

/**
 * Deletes what is owned by nobody any more: an object goes when the last owner that it names is
 * gone. Manifests define their objects themselves, so those stay.
 */
export class GarbageCollector implements Disposable {
  readonly #context: ApiContext;
  readonly #watch: Disposable;
  /** Keys of dependents, by the uid of each owner. */
  readonly #dependents = new Map<string, Map<string, KubeObject>>();

  constructor(context: ApiContext) {
    this.#context = context;
    this.#watch = context.objects.watch({ sendInitialEvents: true }, (events) => {
      for (const event of events) this.#take(event);
    });
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #take(event: ObjectEvent): void {
    if (event.type === 'BOOKMARK') return;
    if (event.type === 'MODIFIED') this.#forget(event.previous);
    const { object } = event;
    if (event.type !== 'DELETED') {
      this.#remember(object);
      return;
    }
    this.#forget(object);
    const orphans = this.#dependents.get(object.metadata.uid ?? '');
    this.#dependents.delete(object.metadata.uid ?? '');
    for (const orphan of orphans?.values() ?? []) {
      void this.#collect(orphan).catch((error: unknown) => {
        this.#context.log.warn(
          { error: describeError(error), kind: orphan.kind, name: orphan.metadata.name },
          'an object without owners was not deleted',
        );
      });
    }
  }

  async #collect({ apiVersion, kind, metadata }: KubeObject): Promise<void> {
    const { objects, manifestOf } = this.#context;
    const type = objectTypeOf(apiVersion, kind);
    const { namespace = '', name, uid } = metadata;
    const now = objects.get(type, namespace, name);
    if (now?.metadata.uid !== uid || now === undefined || manifestOf(now) !== undefined) return;
    // As it is now: it may have been given away, or have further owners.
    const owners = now.metadata.ownerReferences ?? [];
    if (owners.length === 0 || owners.some((owner) => this.#isThere(owner, namespace))) return;
    try {
      await objects.delete(type, namespace, name, uid === undefined ? {} : { uid });
    } catch (error) {
      const isGone = error instanceof StoreError && error.code === 'NotFound';
      if (!isGone) throw error;
    }
  }

  #isThere(
    owner: {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    },
    namespace: string,
  ): boolean {
    const { objects } = this.#context;
    const type = objectTypeOf(owner.apiVersion, owner.kind);
    const found = objects.get(type, namespace, owner.name) ?? objects.get(type, '', owner.name);
    return found?.metadata.uid === owner.uid;
  }

  #remember(object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const known = this.#dependents.get(uid) ?? new Map<string, KubeObject>();
      known.set(keyOf(object), object);
      this.#dependents.set(uid, known);
    }
  }

  #forget(object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const known = this.#dependents.get(uid);
      known?.delete(keyOf(object));
      if (known?.size === 0) this.#dependents.delete(uid);
    }
  }
}

function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${objectTypeOf(apiVersion, kind)}/${metadata.namespace ?? ''}/${metadata.name}`;
}
