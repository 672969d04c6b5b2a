import type {
  EndpointRecord,
  Labels,
  ServiceRecords,
  ZoneDiff,
  ZoneTable,
} from '../../compile/index.ts';

/** The table in force, and the way back from an address to the Services that have it. */
export class ZoneIndex {
  #table: ZoneTable | undefined;
  /** Cluster IP → `namespace/name`. Addresses are canonical text in table and index alike. */
  readonly #byClusterIP: Map<string, string> = new Map();
  /** Address outside the cluster → `namespace/name` of each Service that has it. */
  readonly #byExternal: Map<string, readonly string[]> = new Map();
  /** Endpoint address → `namespace/name` of each Service that lists it. */
  readonly #byEndpoint: Map<string, readonly string[]> = new Map();

  #podsIndexed: ZoneTable['pods'] | undefined;
  /** Null for an address that Pods of several namespaces have: the host's. */
  #namespaceByPod: ReadonlyMap<string, string | null> = new Map();

  /** False until a first table came: what is not known then may exist all the same. */
  get synced(): boolean {
    return this.#table !== undefined;
  }

  /** Unix seconds; undefined before the first table. */
  get serial(): number | undefined {
    return this.#table?.serial;
  }

  /** Makes `next` the table in force; a diff that does not follow the last one is not used. */
  apply(next: ZoneTable, diff: ZoneDiff | undefined): void {
    const last = this.#table;
    this.#table = next;
    if (last === next) return;
    if (last && diff?.fromGeneration === last.generation) {
      for (const key of diff.removed) this.#forget(key, last.services.get(key));
      for (const records of diff.upserted) {
        const key = `${records.namespace}/${records.name}`;
        this.#forget(key, last.services.get(key));
        this.#enter(key, records);
      }
      return;
    }
    this.#byClusterIP.clear();
    this.#byEndpoint.clear();
    this.#byExternal.clear();
    for (const [key, records] of next.services) this.#enter(key, records);
  }

  hasNamespace(namespace: string): boolean {
    return this.#table?.namespaces.has(namespace) ?? false;
  }

  /** Undefined for one without a Namespace object. */
  namespaceLabels(namespace: string): Labels | undefined {
    return this.#table?.namespaceLabels?.get(namespace);
  }

  /** The namespace of the Pod with this address; undefined: there is none, or several share it. */
  namespaceOfPod(address: string): string | undefined {
    const pods = this.#table?.pods;
    if (!pods) return undefined;
    // Found anew with each change of Pods, by whoever asks first.
    if (this.#podsIndexed !== pods) {
      this.#podsIndexed = pods;
      this.#namespaceByPod = indexPods(pods);
    }
    return this.#namespaceByPod.get(address) ?? undefined;
  }

  services(): readonly ServiceRecords[] {
    return [...(this.#table?.services.values() ?? [])];
  }

  service(namespace: string, name: string): ServiceRecords | undefined {
    return this.#table?.services.get(`${namespace}/${name}`);
  }

  /** `address`: canonical text. */
  hasPod(namespace: string, address: string): boolean {
    return this.#table?.pods.get(namespace)?.has(address) ?? false;
  }

  serviceAt(clusterIP: string): ServiceRecords | undefined {
    const key = this.#byClusterIP.get(clusterIP);
    return key === undefined ? undefined : this.#table?.services.get(key);
  }

  /** Every Service that lists this endpoint address. */
  servicesBehind(address: string): readonly ServiceRecords[] {
    const keys = this.#byEndpoint.get(address) ?? [];
    return keys.flatMap((key) => this.#table?.services.get(key) ?? []);
  }

  /** Every Service that has this address outside the cluster. */
  servicesOutside(address: string): readonly ServiceRecords[] {
    const keys = this.#byExternal.get(address) ?? [];
    return keys.flatMap((key) => this.#table?.services.get(key) ?? []);
  }

  #enter(key: string, records: ServiceRecords): void {
    const { target } = records;
    if (target.kind === 'ClusterIP') {
      for (const address of target.addresses) this.#byClusterIP.set(address, key);
      for (const address of target.externalAddresses) add(this.#byExternal, address, key);
    }
    for (const { address } of endpointsOf(records)) add(this.#byEndpoint, address, key);
  }

  #forget(key: string, records: ServiceRecords | undefined): void {
    if (!records) return;
    const { target } = records;
    if (target.kind === 'ClusterIP') {
      for (const address of target.addresses) {
        // An address that moved belongs to another by now.
        if (this.#byClusterIP.get(address) === key) this.#byClusterIP.delete(address);
      }
      for (const address of target.externalAddresses) drop(this.#byExternal, address, key);
    }
    for (const { address } of endpointsOf(records)) drop(this.#byEndpoint, address, key);
  }
}

function add(index: Map<string, readonly string[]>, address: string, key: string): void {
  const keys = index.get(address) ?? [];
  if (!keys.includes(key)) index.set(address, [...keys, key]);
}

function drop(index: Map<string, readonly string[]>, address: string, key: string): void {
  const keys = index.get(address)?.filter((other) => other !== key) ?? [];
  if (keys.length > 0) index.set(address, keys);
  else index.delete(address);
}

function indexPods(pods: ZoneTable['pods']): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  for (const [namespace, addresses] of pods) {
    for (const address of addresses) found.set(address, found.has(address) ? null : namespace);
  }
  return found;
}

/** The ready endpoints of a Service of any kind. */
export function endpointsOf({ target }: ServiceRecords): readonly EndpointRecord[] {
  return target.kind === 'ExternalName' ? [] : target.endpoints;
}
