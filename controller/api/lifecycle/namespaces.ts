import { describeError } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { StoreError } from '../../store/index.ts';
import { namespaceFinalizer } from '../objects/delete.ts';
import type { ApiContext } from '../server/context.ts';
import { valueAt } from '../table/value-at.ts';

/** How soon to look again at what holds a Namespace. */
const retryMs = 1000;

/**
 * Empties Namespaces that are being deleted, and then lets them go. What has finalizers of its own
 * holds its Namespace until they are done.
 */
export class NamespaceLifecycle implements Disposable {
  readonly #context: ApiContext;
  readonly #watch: Disposable;
  readonly #retries = new Map<string, Disposable>();
  #isDisposed = false;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#watch = context.objects.watch(
      { types: ['Namespace'], sendInitialEvents: true },
      (events) => {
        for (const event of events) if (event.type !== 'BOOKMARK') this.#look(event.object);
      },
    );
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#watch[Symbol.dispose]();
    for (const retry of this.#retries.values()) retry[Symbol.dispose]();
  }

  #look({ metadata }: KubeObject): void {
    const isOurs = metadata.finalizers?.includes(namespaceFinalizer) === true;
    if (this.#isDisposed || metadata.deletionTimestamp === undefined || !isOurs) return;
    this.#retries.get(metadata.name)?.[Symbol.dispose]();
    this.#retries.delete(metadata.name);
    void this.#empty(metadata.name).catch((error: unknown) => {
      this.#context.log.warn(
        { error: describeError(error), namespace: metadata.name },
        'a namespace could not be emptied yet',
      );
      this.#lookAgain(metadata.name);
    });
  }

  async #empty(name: string): Promise<void> {
    const { objects } = this.#context;
    await this.#markTerminating(name);
    let left = 0;
    for (const type of objects.types()) {
      for (const { metadata } of objects.list(type, { namespace: name }).items) {
        const last = await deleteIfThere(this.#context, type, name, metadata.name);
        if (last?.metadata.finalizers?.length) left += 1;
      }
    }
    const now = objects.get('Namespace', '', name);
    if (!now) return;
    if (left > 0) this.#lookAgain(name);
    else await objects.update(withoutFinalizer(now, namespaceFinalizer));
  }

  async #markTerminating(name: string): Promise<void> {
    const { objects } = this.#context;
    const now = objects.get('Namespace', '', name);
    if (!now || valueAt(now, 'status.phase') === 'Terminating') return;
    const status = { phase: 'Terminating' };
    await objects.updateStatus(Object.assign({}, now, { status }));
  }

  #lookAgain(name: string): void {
    if (this.#isDisposed) return;
    const { clock, objects } = this.#context;
    this.#retries.get(name)?.[Symbol.dispose]();
    const again = clock.schedule(retryMs, () => {
      const now = objects.get('Namespace', '', name);
      if (now) this.#look(now);
    });
    this.#retries.set(name, again);
  }
}

/** The last state; undefined if somebody else was faster. */
export async function deleteIfThere(
  { objects }: ApiContext,
  type: string,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  try {
    return await objects.delete(type, namespace, name);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

/** The object as it is once a finalizer's work is done. */
export function withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
