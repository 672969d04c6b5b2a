import { type Ingress, type IngressAddress, objectKey } from '../objects/index.ts';
import { jsonEqual, type Store } from '../store/index.ts';
import {
  nothingToDo,
  type ObjectEvent,
  type Plan,
  type Reconciler,
  splitKey,
} from './reconciler.ts';

export interface IngressStatusOptions {
  readonly store: Store;
  /** Whether this program serves an Ingress: the class logic of the ingress room. */
  readonly served: (ingress: Ingress) => boolean;
  /** Where served Ingresses are reached, now. */
  readonly addresses: () => readonly IngressAddress[];
}

/**
 * Writes into each served Ingress where it is reached, and takes that back from those no longer
 * served. Ingresses of other controllers are never touched.
 */
export class IngressStatusWriter implements Reconciler {
  readonly name = 'ingress-status';
  readonly kinds = ['Ingress', 'IngressClass'] as const;
  readonly #options: IngressStatusOptions;
  /** Keys whose status is of our making, also after our addresses have changed. */
  readonly #ours = new Set<string>();

  constructor(options: IngressStatusOptions) {
    this.#options = options;
  }

  observe({ type, object }: ObjectEvent): Iterable<string> {
    if (object.kind !== 'Ingress') return this.allKeys();
    const key = objectKey(object.metadata);
    if (type === 'DELETED') this.#ours.delete(key);
    return [key];
  }

  /** For when the addresses or the classes served have changed. */
  allKeys(): readonly string[] {
    return this.#options.store.list('Ingress').items.map(({ metadata }) => objectKey(metadata));
  }

  plan(key: string): Plan {
    const { namespace, name } = splitKey(key);
    const { store, served } = this.#options;
    const ingress = store.get('Ingress', namespace, name);
    if (!ingress) return nothingToDo;
    const current = ingress.status?.loadBalancer?.ingress ?? [];
    const own = this.#ownAddresses();
    if (served(ingress)) {
      this.#ours.add(key);
      return jsonEqual(current, own) ? nothingToDo : write(ingress, own);
    }
    const wasOurs = this.#ours.delete(key) || isSubset(current, own);
    return wasOurs && current.length > 0 ? write(ingress, []) : nothingToDo;
  }

  /** By host name, then address, so that every node writes the same. */
  #ownAddresses(): readonly IngressAddress[] {
    const order = ({ hostname = '', ip = '' }: IngressAddress): string => `${hostname} ${ip}`;
    return this.#options.addresses().toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}

function isSubset(part: readonly IngressAddress[], whole: readonly IngressAddress[]): boolean {
  return part.every((one) => whole.some((other) => jsonEqual(one, other)));
}

function write(ingress: Ingress, addresses: readonly IngressAddress[]): Plan {
  const object: Ingress = {
    ...ingress,
    status: { ...ingress.status, loadBalancer: { ingress: addresses } },
  };
  return { operations: [{ kind: 'updateStatus', object }], problems: [] };
}
