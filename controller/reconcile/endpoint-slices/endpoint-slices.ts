import type { Problem } from '../../base/index.ts';
import {
  type EndpointSlice,
  type IPFamily,
  type Node,
  objectKey,
  type Pod,
  type Service,
  serviceNameLabel,
  weightAnnotation,
  zoneLabel,
} from '../../objects/index.ts';
import type { Store } from '../../store/index.ts';
import { LabelIndex } from '../label-index.ts';
import {
  nothingToDo,
  type ObjectEvent,
  type Plan,
  type Reconciler,
  splitKey,
} from '../reconciler.ts';
import { SelectorIndex } from '../selector-index.ts';
import {
  familyOf,
  mayBeEndpoint,
  podAddresses,
  podWeight,
  portsOn,
  toEndpoint,
} from './pod-endpoint.ts';
import { SliceGroups } from './slice-group.ts';
import { deleteSlices, isGenerated, planSlices, type SliceOwner } from './slice-set.ts';

/** As upstream's --max-endpoints-per-slice. */
const maxEndpointsPerSlice = 100;
const managedBy = 'endpointslice-controller.k8s.io';

export interface EndpointSlicesOptions {
  readonly store: Store;
  /** Families of a Service that names none. */
  readonly defaultFamilies: readonly IPFamily[];
}

/** EndpointSlices from Pods, for every Service that selects some. Keys are those of Services. */
export class EndpointSlices implements Reconciler {
  readonly name = 'endpoint-slices';
  readonly kinds = ['Service', 'Pod', 'Node', 'EndpointSlice'] as const;
  readonly #store: Store;
  readonly #defaultFamilies: readonly IPFamily[];
  readonly #selectors = new SelectorIndex();
  readonly #pods = new LabelIndex();
  readonly #slices = new LabelIndex();

  constructor({ store, defaultFamilies }: EndpointSlicesOptions) {
    this.#store = store;
    this.#defaultFamilies = defaultFamilies;
  }

  observe(event: ObjectEvent): Iterable<string> {
    const { object } = event;
    const gone = event.type === 'DELETED';
    if (object.kind === 'Service') {
      this.#selectors.set(object, gone ? undefined : object.spec?.selector);
      return [objectKey(object.metadata)];
    }
    if (object.kind === 'Pod') return this.#observePod(object, event);
    if (object.kind === 'Node') return zoneChanged(object, event) ? this.#selectors.keys() : [];
    if (object.kind !== 'EndpointSlice') return [];
    this.#slices.set(object.metadata, gone ? undefined : (object.metadata.labels ?? {}));
    return ownServiceKeys(event);
  }

  plan(key: string): Plan {
    const { namespace, name } = splitKey(key);
    const service = this.#store.get('Service', namespace, name);
    const existing = this.#existing(namespace, name);
    const { selector = {}, type } = service?.spec ?? {};
    if (!service || type === 'ExternalName' || Object.keys(selector).length === 0) {
      return { operations: deleteSlices(existing), problems: [] };
    }
    const problems: Problem[] = [];
    const groups = this.#group(service, this.#selected(namespace, selector), problems);
    const operations = planSlices(this.#store, ownerOf(service), groups, existing);
    return operations.length === 0 && problems.length === 0
      ? nothingToDo
      : { operations, problems };
  }

  *#observePod(pod: Pod, event: ObjectEvent): Generator<string> {
    const { namespace = '', labels = {} } = pod.metadata;
    this.#pods.set(pod.metadata, event.type === 'DELETED' ? undefined : labels);
    yield* this.#selectors.matching(namespace, labels);
    if (event.type === 'MODIFIED') {
      yield* this.#selectors.matching(namespace, event.previous.metadata.labels);
    }
  }

  #existing(namespace: string, serviceName: string): readonly EndpointSlice[] {
    return this.#slices
      .find(namespace, { [serviceNameLabel]: serviceName })
      .map((name) => this.#store.get('EndpointSlice', namespace, name))
      .filter((slice): slice is EndpointSlice => slice !== undefined && isGenerated(slice, 'pods'));
  }

  #selected(namespace: string, selector: Readonly<Record<string, string>>): readonly Pod[] {
    return this.#pods
      .find(namespace, selector)
      .map((name) => this.#store.get('Pod', namespace, name))
      .filter((pod): pod is Pod => pod !== undefined && mayBeEndpoint(pod));
  }

  #group(service: Service, pods: readonly Pod[], problems: Problem[]): SliceGroups {
    const groups = new SliceGroups();
    const families = this.#familiesOf(service);
    for (const pod of pods) {
      const weight = podWeight(pod);
      if (typeof weight === 'object') problems.push(badWeight(pod, weight.error));
      const ports = portsOn(pod, service);
      const zone = this.#zoneOf(pod);
      for (const family of families) {
        const address = podAddresses(pod).find((one) => familyOf(one) === family);
        if (address === undefined) continue;
        const endpoint = toEndpoint(pod, service, address, zone);
        groups.add(family, ports, endpoint, typeof weight === 'number' ? weight : undefined);
      }
    }
    // As upstream: an empty slice says that somebody looked and found nothing.
    for (const family of families) {
      if (![...groups.byKey.values()].some((group) => group.addressType === family)) {
        groups.ensure(family, []);
      }
    }
    return groups;
  }

  #familiesOf({ spec }: Service): readonly IPFamily[] {
    if (spec?.ipFamilies?.length) return spec.ipFamilies;
    const addresses = spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : []);
    const own = addresses.filter((address) => address !== 'None').map(familyOf);
    return own.length > 0 ? own : this.#defaultFamilies;
  }

  #zoneOf(pod: Pod): string | undefined {
    const node = pod.spec?.nodeName && this.#store.get('Node', '', pod.spec.nodeName);
    return node ? node.metadata.labels?.[zoneLabel] : undefined;
  }
}

function ownerOf(service: Service): SliceOwner {
  return {
    service,
    owner: service,
    source: 'pods',
    managedBy,
    labels: service.metadata.labels ?? {},
    annotations: {},
    maxEndpoints: maxEndpointsPerSlice,
  };
}

function zoneChanged(node: Node, event: ObjectEvent): boolean {
  const zone = node.metadata.labels?.[zoneLabel];
  if (event.type !== 'MODIFIED') return zone !== undefined;
  return zone !== event.previous.metadata.labels?.[zoneLabel];
}

/** The Services of a slice of ours, now and before; what the user writes is no business of ours. */
function* ownServiceKeys(event: ObjectEvent): Generator<string> {
  const states = event.type === 'MODIFIED' ? [event.object, event.previous] : [event.object];
  for (const state of states) {
    if (state.kind !== 'EndpointSlice' || !isGenerated(state, 'pods')) continue;
    const name = state.metadata.labels?.[serviceNameLabel];
    if (name) yield `${state.metadata.namespace}/${name}`;
  }
}

function badWeight({ metadata }: Pod, error: string): Problem {
  return {
    severity: 'warning',
    reason: 'InvalidWeight',
    message: `annotation ${weightAnnotation}: ${error}; the Pod gets weight 1`,
    instead: `write ${weightAnnotation}: "5"`,
    object: {
      kind: 'Pod',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      field: `metadata.annotations[${weightAnnotation}]`,
    },
  };
}
