import type { KubeObject } from '../../objects/index.ts';
import { type ObjectType, objectTypeOf } from '../object-store.ts';
import { decode, type KeyValue } from './messages.ts';

/** Where everything of one cluster lies in etcd. */
export class Keys {
  /** What is watched: all objects, and the mark of the last change. */
  readonly objects: string;
  /** Written with each change, so that one small read tells how far the view should be. */
  readonly mark: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix.replace(/\/+$/, '');
    this.objects = `${this.#prefix}/objects/`;
    this.mark = `${this.objects}.changed`;
  }

  /** `/portolan/objects/Service/shop/web`; `-` stands for no namespace. */
  object(type: ObjectType, namespace: string, name: string): string {
    return `${this.objects}${type}/${namespace || '-'}/${name}`;
  }

  lease(name: string): string {
    return `${this.#prefix}/leases/${name}`;
  }

  /** Holds the identity of the leader alone: what its writes are fenced with. */
  leader(name: string): string {
    return `${this.#prefix}/leaders/${name}`;
  }
}

/** What a key of an object says. Undefined for others, such as the mark. */
export function parseObjectKey(
  keys: Keys,
  key: string,
): { type: ObjectType; namespace: string; name: string } | undefined {
  const [type, namespace, name, ...rest] = key.slice(keys.objects.length).split('/');
  if (!type || !namespace || !name || rest.length > 0) return undefined;
  return { type, namespace: namespace === '-' ? '' : namespace, name };
}

/** The object of a key and value; its resourceVersion is the revision. Undefined if it is none. */
export function readObject({ value = '', mod_revision = '0' }: KeyValue): KubeObject | undefined {
  try {
    const object = JSON.parse(decode(value)) as KubeObject;
    const { metadata } = object;
    if (typeof metadata?.name !== 'string') return undefined;
    return { ...object, metadata: { ...metadata, resourceVersion: mod_revision } };
  } catch {
    // Somebody else's value under our prefix: nothing that could be served.
    return undefined;
  }
}

/** The type under which an object is stored. */
export function typeOfObject({ apiVersion, kind }: KubeObject): ObjectType {
  return objectTypeOf(apiVersion, kind);
}
