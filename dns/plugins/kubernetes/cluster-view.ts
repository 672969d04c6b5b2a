import { matchesLabels } from '../../../controller/objects/index.ts';
import type { EndpointRecord, ServiceRecords } from '../../compile/index.ts';
import { type PreparedService, prepareService } from './address-set.ts';
import type { KubernetesConfig } from './config.ts';
import { endpointName } from './endpoint-name.ts';
import { endpointsOf, type ZoneIndex } from './zone-index.ts';

type ViewOptions = Pick<
  KubernetesConfig,
  | 'namespaces'
  | 'namespaceLabels'
  | 'labels'
  | 'zonal'
  | 'noEndpoints'
  | 'endpointPodNames'
  | 'ignoreEmptyService'
>;

/** The table in force as one `kubernetes` line sees it: what its options hide does not exist. */
export class ClusterView {
  readonly #index: ZoneIndex;
  readonly #options: ViewOptions;
  // Forgotten with the records, that is, when the Service changes.
  readonly #prepared: WeakMap<ServiceRecords, PreparedService> = new WeakMap();
  readonly #seen: WeakMap<ServiceRecords, ServiceRecords> = new WeakMap();

  constructor(index: ZoneIndex, options: ViewOptions) {
    this.#index = index;
    this.#options = options;
  }

  get synced(): boolean {
    return this.#index.synced;
  }

  get serial(): number | undefined {
    return this.#index.serial;
  }

  /** Headless Services have names by zone. */
  get zonal(): boolean {
    return this.#options.zonal;
  }

  hasNamespace(namespace: string): boolean {
    return this.#exposes(namespace) && this.#index.hasNamespace(namespace);
  }

  service(namespace: string, name: string): ServiceRecords | undefined {
    return this.#exposes(namespace) ? this.#see(this.#index.service(namespace, name)) : undefined;
  }

  /** Every Service, by namespace and name. */
  services(): readonly ServiceRecords[] {
    return this.#index
      .services()
      .flatMap((records) => this.#see(records) ?? [])
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  hasPod(namespace: string, address: string): boolean {
    return this.#exposes(namespace) && this.#index.hasPod(namespace, address);
  }

  /** `clusterIP`: canonical text. */
  serviceAt(clusterIP: string): ServiceRecords | undefined {
    return this.#see(this.#index.serviceAt(clusterIP));
  }

  /** Every Service that lists this endpoint address. */
  servicesBehind(address: string): readonly ServiceRecords[] {
    if (this.#options.noEndpoints) return [];
    return this.#index.servicesBehind(address).flatMap((records) => this.#see(records) ?? []);
  }

  prepare(records: ServiceRecords): PreparedService {
    const known = this.#prepared.get(records);
    if (known) return known;
    const fresh = prepareService(records, this.#options.endpointPodNames);
    this.#prepared.set(records, fresh);
    return fresh;
  }

  nameOf(endpoint: EndpointRecord): string {
    return endpointName(endpoint, this.#options.endpointPodNames);
  }

  #exposes(namespace: string): boolean {
    const { namespaces, namespaceLabels } = this.#options;
    if (namespaces) return namespaces.has(namespace);
    if (!namespaceLabels) return true;
    const labels = this.#index.namespaceLabels(namespace);
    return labels !== undefined && matchesLabels(namespaceLabels, labels);
  }

  #see(records: ServiceRecords | undefined): ServiceRecords | undefined {
    if (!records || !this.#exposes(records.namespace)) return undefined;
    const { noEndpoints, ignoreEmptyService, labels } = this.#options;
    if (labels && !matchesLabels(labels, records.labels)) return undefined;
    const empty = endpointsOf(records).length === 0;
    if (ignoreEmptyService && records.target.kind === 'ClusterIP' && empty) return undefined;
    return noEndpoints && !empty ? this.#withoutEndpoints(records) : records;
  }

  #withoutEndpoints(records: ServiceRecords): ServiceRecords {
    const { target } = records;
    if (target.kind === 'ExternalName') return records;
    const known = this.#seen.get(records);
    if (known) return known;
    const bare: ServiceRecords = { ...records, target: { ...target, endpoints: [] } };
    this.#seen.set(records, bare);
    return bare;
  }
}

function keyOf({ namespace, name }: ServiceRecords): string {
  return `${namespace}/${name}`;
}
