import { describeError } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { jsonEqual } from '../../store/index.ts';
import { definitionStatus, isEstablished } from '../crd/index.ts';
import { definitionType } from '../objects/admit-other.ts';
import { definitionFinalizer } from '../objects/delete.ts';
import { customResourcesOf } from '../resources/custom.ts';
import type { ResourceRegistry } from '../resources/registry.ts';
import type { ApiContext } from '../server/context.ts';
import { textAt, valueAt } from '../table/value-at.ts';
import { deleteIfThere, withoutFinalizer } from './namespaces.ts';

/**
 * Serves what CustomResourceDefinitions define, tells them so in their status, and removes the
 * objects of those that are deleted.
 */
export class DefinitionLifecycle implements Disposable {
  readonly #context: ApiContext;
  readonly #registry: ResourceRegistry;
  readonly #watch: Disposable;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#registry = context.registry;
    // At once: a daemon that comes back serves its custom resources from the first request on.
    this.#serveAll();
    this.#watch = context.objects.watch(
      { types: [definitionType], sendInitialEvents: true },
      (events) => {
        this.#serveAll();
        for (const event of events) {
          if (event.type === 'BOOKMARK' || event.type === 'DELETED') continue;
          void this.#settle(event.object).catch((error: unknown) => {
            const { name } = event.object.metadata;
            context.log.warn({ error: describeError(error), name }, 'definition not settled');
          });
        }
      },
    );
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #serveAll(): void {
    this.#registry.setCustom(this.#established().flatMap((one) => customResourcesOf(one)));
  }

  async #settle({ metadata: { name } }: KubeObject): Promise<void> {
    const { objects } = this.#context;
    const now = objects.get(definitionType, '', name);
    if (!now) return;
    if (now.metadata.deletionTimestamp !== undefined) {
      if (now.metadata.finalizers?.includes(definitionFinalizer)) await this.#removeObjects(now);
      return;
    }
    const status = this.#statusOf(now);
    if (jsonEqual(valueAt(now, 'status'), status)) return;
    await objects.updateStatus(Object.assign({}, now, { status }));
  }

  async #removeObjects(definition: KubeObject): Promise<void> {
    const { objects } = this.#context;
    for (const { type } of customResourcesOf(definition).slice(0, 1)) {
      for (const { metadata } of objects.list(type).items) {
        await deleteIfThere(this.#context, type, metadata.namespace ?? '', metadata.name);
      }
    }
    const now = objects.get(definitionType, '', definition.metadata.name);
    if (now) await objects.update(withoutFinalizer(now, definitionFinalizer));
  }

  #statusOf(definition: KubeObject): object {
    const now = `${new Date(this.#context.clock.wallMs()).toISOString().slice(0, 19)}Z`;
    const others = this.#established().filter(
      (one) =>
        one.metadata.name !== definition.metadata.name &&
        textAt(one, 'spec.group') === textAt(definition, 'spec.group'),
    );
    const taken = others.flatMap((one) => customResourcesOf(one).slice(0, 1));
    return definitionStatus({ ...definition }, taken, now);
  }

  #established(): readonly KubeObject[] {
    const { items } = this.#context.objects.list(definitionType);
    return items.filter((one) => isEstablished({ ...one }));
  }
}
