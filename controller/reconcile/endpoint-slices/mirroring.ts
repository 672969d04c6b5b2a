import { isIP } from 'node:net';
import type { Problem } from '../../base/index.ts';
import {
  type EndpointAddress,
  type Endpoints,
  type EndpointSlice,
  type EndpointSubset,
  objectKey,
  type SliceEndpoint,
  type SlicePort,
  serviceNameLabel,
} from '../../objects/index.ts';
import type { Store } from '../../store/index.ts';
import { LabelIndex } from '../label-index.ts';
import { type ObjectEvent, type Plan, type Reconciler, splitKey } from '../reconciler.ts';
import { familyOf } from './pod-endpoint.ts';
import { SliceGroups } from './slice-group.ts';
import { deleteSlices, isGenerated, planSlices, type SliceOwner } from './slice-set.ts';

/** As upstream's --mirroring-max-endpoints-per-subset; also what the API allows in one slice. */
const maxEndpointsPerSubset = 1000;
const managedBy = 'endpointslicemirroring-controller.k8s.io';
const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror';
/** Endpoints that only hold a leader election: upstream resourcelock. */
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';
/** Speaks of the Endpoints object alone. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * EndpointSlices from Endpoints, for Services without a selector: the older way to name backends
 * by hand. Keys are those of Endpoints, which are those of their Services.
 */
export class EndpointsMirroring implements Reconciler {
  readonly name = 'endpoints-mirroring';
  readonly kinds = ['Endpoints', 'Service', 'EndpointSlice'] as const;
  readonly #store: Store;
  readonly #slices = new LabelIndex();

  constructor(store: Store) {
    this.#store = store;
  }

  observe(event: ObjectEvent): Iterable<string> {
    const { object } = event;
    if (object.kind !== 'EndpointSlice') return [objectKey(object.metadata)];
    const mirrored = isGenerated(object, 'endpoints');
    const gone = event.type === 'DELETED';
    this.#slices.set(object.metadata, gone ? undefined : (object.metadata.labels ?? {}));
    const serviceName = object.metadata.labels?.[serviceNameLabel];
    return mirrored && serviceName ? [`${object.metadata.namespace}/${serviceName}`] : [];
  }

  plan(key: string): Plan {
    const { namespace, name } = splitKey(key);
    const service = this.#store.get('Service', namespace, name);
    const endpoints = this.#store.get('Endpoints', namespace, name);
    const existing = this.#existing(namespace, name);
    const selects = Object.keys(service?.spec?.selector ?? {}).length > 0;
    if (!service || !endpoints || selects || !shouldMirror(endpoints)) {
      return { operations: deleteSlices(existing), problems: [] };
    }
    const problems: Problem[] = [];
    const groups = groupSubsets(endpoints, problems);
    const {
      [leaderAnnotation]: _leader,
      [lastAppliedAnnotation]: _applied,
      ...annotations
    } = endpoints.metadata.annotations ?? {};
    const owner: SliceOwner = {
      service,
      owner: endpoints,
      source: 'endpoints',
      managedBy,
      labels: endpoints.metadata.labels ?? {},
      annotations,
      maxEndpoints: maxEndpointsPerSubset,
    };
    return { operations: planSlices(this.#store, owner, groups, existing), problems };
  }

  #existing(namespace: string, serviceName: string): readonly EndpointSlice[] {
    return this.#slices
      .find(namespace, { [serviceNameLabel]: serviceName })
      .map((name) => this.#store.get('EndpointSlice', namespace, name))
      .filter(
        (slice): slice is EndpointSlice => slice !== undefined && isGenerated(slice, 'endpoints'),
      );
  }
}

function shouldMirror({ metadata }: Endpoints): boolean {
  return (
    metadata.labels?.[skipMirrorLabel] !== 'true' &&
    metadata.annotations?.[leaderAnnotation] === undefined
  );
}

function groupSubsets(endpoints: Endpoints, problems: Problem[]): SliceGroups {
  const groups = new SliceGroups();
  for (const [index, subset] of (endpoints.subsets ?? []).entries()) {
    const { addresses = [], notReadyAddresses = [] } = subset;
    const all = [
      ...addresses.map((address) => ({ address, ready: true })),
      ...notReadyAddresses.map((address) => ({ address, ready: false })),
    ];
    if (all.length > maxEndpointsPerSubset) problems.push(tooMany(endpoints, index, all.length));
    const ports = portsOf(subset);
    for (const { address, ready } of all.slice(0, maxEndpointsPerSubset)) {
      if (isIP(address.ip) === 0) problems.push(noAddress(endpoints, index, address.ip));
      else groups.add(familyOf(address.ip), ports, toEndpoint(address, ready), undefined);
    }
  }
  return groups;
}

function portsOf({ ports = [] }: EndpointSubset): readonly SlicePort[] {
  return ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol && { appProtocol }),
  }));
}

function toEndpoint(address: EndpointAddress, ready: boolean): SliceEndpoint {
  const { ip, hostname, nodeName, targetRef } = address;
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}

function tooMany(endpoints: Endpoints, index: number, count: number): Problem {
  return problemAt(endpoints, `subsets[${index}]`, 'TooManyEndpoints', {
    message: `${count} addresses in one subset; the first ${maxEndpointsPerSubset} are used`,
    instead: 'write EndpointSlices',
  });
}

function noAddress(endpoints: Endpoints, index: number, ip: string): Problem {
  return problemAt(endpoints, `subsets[${index}].addresses`, 'InvalidAddress', {
    message: `"${ip}" is no IP address and is left out`,
    instead: 'write an IP address; for a name, a Service of type ExternalName',
  });
}

function problemAt(
  { metadata }: Endpoints,
  field: string,
  reason: string,
  text: { readonly message: string; readonly instead: string },
): Problem {
  const { namespace = '', name } = metadata;
  const object = { kind: 'Endpoints', namespace, name, field };
  return { severity: 'error', reason, ...text, object };
}
