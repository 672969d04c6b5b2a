import {
  type IPFamily,
  type LoadBalancerIngress,
  objectKey,
  type Service,
  type ServiceSpec,
} from '../../objects/index.ts';
import {
  hasClusterIP,
  jsonEqual,
  type Store,
  type WriteOperation,
  withRefusals,
} from '../../store/index.ts';
import {
  nothingToDo,
  type ObjectEvent,
  type Plan,
  type Reconciler,
  splitKey,
} from '../reconciler.ts';
import { Allotment, rankOf } from './allotment.ts';
import { Claims } from './claims.ts';
import { allotClusterIPs, askedClusterIPs, familiesFor, policyOf } from './cluster-ips.ts';
import type { AllocationLedger } from './ledger.ts';
import { allotLoadBalancer, askedLoadBalancerIPs, isOurLoadBalancer } from './load-balancer.ts';
import { allotHealthCheckPort, allotNodePorts, askedPorts } from './node-ports.ts';
import type { PoolsByFamily, PortRange } from './pool.ts';
import { pooledAddresses, pooledServices } from './pooled-addresses.ts';

export interface ServiceAllocationOptions {
  readonly store: Store;
  readonly ledger: AllocationLedger;
  /** From the service CIDRs. */
  readonly clusterIPs: PoolsByFamily;
  /**
   * Where load-balancer addresses come from while there is no AddressPool. May be the same as
   * `clusterIPs`; empty: they are left alone.
   */
  readonly loadBalancerIPs: PoolsByFamily;
  readonly nodePortRange: PortRange;
}

/**
 * Gives Services their cluster IPs, node ports and load-balancer addresses, and settles who keeps
 * what two ask for. What a Service was given stands in the object itself; the ledger only helps it
 * to the same again when the object was lost with the process.
 */
export class ServiceAllocation implements Reconciler {
  readonly name = 'service-allocation';
  readonly kinds = ['AddressPool', 'Service'] as const;
  readonly #options: ServiceAllocationOptions;
  readonly #claims = new Claims();

  constructor(options: ServiceAllocationOptions) {
    this.#options = options;
  }

  observe({ type, object }: ObjectEvent): Iterable<string> {
    if (object.kind === 'AddressPool') return pooledServices(this.#options.store);
    if (object.kind !== 'Service') return [];
    const values = type === 'DELETED' ? [] : claimedValues(object);
    const key = objectKey(object.metadata);
    return [key, ...this.#claims.replace(key, rankOf(object), new Set(values))];
  }

  plan(key: string): Plan {
    const { store, ledger } = this.#options;
    const { namespace, name } = splitKey(key);
    const service = store.get('Service', namespace, name);
    if (!service) {
      ledger.record(key, new Map());
      return nothingToDo;
    }
    this.#claims.replace(key, rankOf(service), new Set(claimedValues(service)));
    const allotment = new Allotment(service, this.#claims, ledger);
    const operations = [...this.#planSpec(allotment), ...this.#planStatus(allotment)];
    ledger.record(key, allotment.given);
    return { operations, problems: allotment.problems };
  }

  #planSpec(allotment: Allotment): readonly WriteOperation[] {
    const { service } = allotment;
    const spec = hasClusterIP(service.spec ?? {})
      ? this.#allot(allotment, service.spec ?? {})
      : service.spec;
    if (!spec) return [];
    const object = withRefusals({ ...service, spec }, allotment.refused);
    return jsonEqual(object, service) ? [] : [{ kind: 'update', object }];
  }

  #allot(allotment: Allotment, spec: ServiceSpec): ServiceSpec {
    const { nodePortRange } = this.#options;
    const { clusterIP: _ip, clusterIPs: _ips, healthCheckNodePort: _check, ...rest } = spec;
    const healthCheckNodePort = allotHealthCheckPort(allotment, nodePortRange);
    return {
      ...rest,
      ...this.#addressFields(allotment, spec),
      ...(rest.ports && { ports: allotNodePorts(allotment, nodePortRange) }),
      ...(healthCheckNodePort !== undefined && { healthCheckNodePort }),
    };
  }

  #addressFields(allotment: Allotment, spec: ServiceSpec): ServiceSpec {
    const { clusterIPs: pools } = this.#options;
    if (spec.clusterIP !== 'None') return allotClusterIPs(allotment, pools) ?? {};
    const headless = { clusterIP: 'None', clusterIPs: ['None'] };
    // Without a selector nobody here knows which families its endpoints will have.
    if (Object.keys(spec.selector ?? {}).length === 0) return headless;
    const ipFamilyPolicy = policyOf(allotment.service);
    const ipFamilies = familiesFor(allotment, ipFamilyPolicy, [], pools);
    return { ...headless, ipFamilyPolicy, ...(ipFamilies.length > 0 && { ipFamilies }) };
  }

  #planStatus(allotment: Allotment): readonly WriteOperation[] {
    const { service } = allotment;
    const current = service.status?.loadBalancer?.ingress ?? [];
    const wanted = this.#loadBalancerIngress(allotment);
    if (wanted === undefined || jsonEqual(current, wanted)) return [];
    // The spec was perhaps written just before: its version is no condition for the status.
    const { resourceVersion: _seen, ...metadata } = service.metadata;
    const status = { ...service.status, loadBalancer: { ingress: wanted } };
    return [{ kind: 'updateStatus', object: { ...service, metadata, status } }];
  }

  /** Undefined: not ours to say. A Service that is no load balancer any more loses its addresses. */
  #loadBalancerIngress(allotment: Allotment): readonly LoadBalancerIngress[] | undefined {
    const { spec } = allotment.service;
    if (spec?.type !== 'LoadBalancer') return [];
    if (!isOurLoadBalancer(allotment.service)) return undefined;
    const given = [...allotment.given.keys()].flatMap(familyOfField);
    const pooled = pooledAddresses(this.#options.store);
    const pools = pooled.size > 0 ? pooled : this.#options.loadBalancerIPs;
    return allotLoadBalancer(allotment, given, pools);
  }
}

/** Everything that a Service holds, or would like to. */
function claimedValues(service: Service): readonly string[] {
  const spec = service.spec ?? {};
  if (!hasClusterIP(spec)) return [];
  return [...askedClusterIPs(service), ...askedPorts(service), ...askedLoadBalancerIPs(service)];
}

function familyOfField(field: string): readonly IPFamily[] {
  if (field === 'clusterIP/IPv4') return ['IPv4'];
  return field === 'clusterIP/IPv6' ? ['IPv6'] : [];
}
