import {
  defaultClassAnnotation,
  type Ingress,
  type IngressClass,
  legacyClassAnnotation,
  objectKey,
} from '../objects/index.ts';
import { defaultedClassAnnotation, type Store } from '../store/index.ts';
import {
  nothingToDo,
  type ObjectEvent,
  type Plan,
  type Reconciler,
  splitKey,
} from './reconciler.ts';

/**
 * Gives Ingresses that name no class the default one. The API server does it once, when an Ingress
 * is created; in a folder of manifests there is no before and after, so here a class that comes
 * later is given too.
 */
export class DefaultIngressClass implements Reconciler {
  readonly name = 'default-ingress-class';
  readonly kinds = ['Ingress', 'IngressClass'] as const;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  observe({ object }: ObjectEvent): Iterable<string> {
    if (object.kind === 'Ingress') return [objectKey(object.metadata)];
    const { items } = this.#store.list('Ingress');
    return items.filter(namesNoClass).map(({ metadata }) => objectKey(metadata));
  }

  plan(key: string): Plan {
    const { namespace, name } = splitKey(key);
    const ingress = this.#store.get('Ingress', namespace, name);
    const chosen = ingress && namesNoClass(ingress) ? this.#defaultClass() : undefined;
    if (!ingress || !chosen) return nothingToDo;
    const ingressClassName = chosen.metadata.name;
    const annotations = {
      ...ingress.metadata.annotations,
      [defaultedClassAnnotation]: ingressClassName,
    };
    const object: Ingress = {
      ...ingress,
      metadata: { ...ingress.metadata, annotations },
      spec: { ...ingress.spec, ingressClassName },
    };
    return { operations: [{ kind: 'update', object }], problems: [] };
  }

  /** The newest; of equally old ones the first by name. As the admission plugin chooses. */
  #defaultClass(): IngressClass | undefined {
    return this.#store
      .list('IngressClass')
      .items.filter(({ metadata }) => metadata.annotations?.[defaultClassAnnotation] === 'true')
      .toSorted((a, b) => born(b).localeCompare(born(a)))[0];
  }
}

function namesNoClass({ metadata, spec }: Ingress): boolean {
  return (
    spec?.ingressClassName === undefined &&
    metadata.annotations?.[legacyClassAnnotation] === undefined
  );
}

/** RFC 3339 in UTC sorts as text. */
function born({ metadata }: IngressClass): string {
  return metadata.creationTimestamp ?? '';
}
