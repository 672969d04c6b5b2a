import type { Problem } from '../../controller/base/index.ts';
import {
  judgeEndpoints,
  type JudgedEndpoint,
  type Service,
  type ServiceBundle,
  type ServicePortSpec,
  type ServiceSpec,
} from '../../controller/objects/index.ts';
import { algorithmOf } from '../balancer/index.ts';
import { endpointProblems } from './endpoint-problems.ts';
import { selectEndpoints } from './endpoint-selection.ts';
import { isProxied, type NodeFacts } from './node-facts.ts';
import { endpointsOfPort, type PortEndpoint } from './port-endpoints.ts';
import { type FamilyAddresses, readAddresses } from './service-addresses.ts';
import { serviceRef } from './service-ref.ts';
import type { Affinity, ServicePort } from './table.ts';
import { weightProblems } from './weight-problems.ts';

export interface CompiledService {
  readonly ports: readonly ServicePort[];
  readonly problems: readonly Problem[];
}

/** Label of the slices of a headless Service, whatever its value: nobody forwards to those. */
const headlessLabel = 'service.kubernetes.io/headless';

/** API default of `sessionAffinityConfig.clientIP.timeoutSeconds`: three hours. */
const defaultAffinityTimeoutSec = 10_800;

/**
 * What one Service makes this node forward, seen by itself: whether another Service claims the
 * same address is settled afterwards. Pure; the rules are kube-proxy's.
 */
export function compileService(bundle: ServiceBundle, node: NodeFacts): CompiledService {
  const { service } = bundle;
  const { spec } = service;
  if (!spec || !isProxied(service, node)) return { ports: [], problems: [] };
  const slices = bundle.slices.filter(
    ({ metadata }) => metadata.labels?.[headlessLabel] === undefined,
  );
  const judged = judgeEndpoints({ ...bundle, slices });
  const { families, problems: addressProblems } = readAddresses(service);
  const { algorithm, problem: algorithmProblem } = algorithmOf(service);
  const problems = [...addressProblems, ...(algorithmProblem ? [algorithmProblem] : [])];
  const ports = new Map<string, ServicePort>();
  for (const addresses of families) {
    for (const port of compileFamily(service, spec, addresses, judged.endpoints, node)) {
      if (ports.has(port.key)) problems.push(duplicatePort(service, port));
      else ports.set(port.key, { ...port, algorithm });
    }
  }
  problems.push(...endpointProblems(service, slices, judged, [...ports.values()]));
  problems.push(...weightProblems(service, slices, [...ports.values()]));
  return { ports: [...ports.values()], problems };
}

/** All ports of a Service in one family. */
function compileFamily(
  service: Service,
  spec: ServiceSpec,
  addresses: FamilyAddresses,
  judged: readonly JudgedEndpoint[],
  node: NodeFacts,
): readonly Omit<ServicePort, 'algorithm'>[] {
  const shared = sharedOf(service, spec, addresses);
  const portSpecs = (spec.ports ?? []).map((port) => ({
    port,
    endpoints: endpointsOfPort(judged, portNameOf(port), addresses.family, node.name),
  }));
  const localReadyCount =
    shared.healthCheckNodePort === 0 ? 0 : countLocalReady(portSpecs.map((one) => one.endpoints));
  return portSpecs.map(({ port, endpoints }) => {
    const { name, protocol } = portNameOf(port);
    const { namespace, name: serviceName } = shared;
    const nodePort = port.nodePort ?? 0;
    const isReachedFromOutside =
      nodePort > 0 || addresses.externalIPs.length > 0 || addresses.loadBalancerIPs.length > 0;
    const use = {
      // Under Local external policy too: what comes from this node's Pods goes anywhere.
      usesCluster: shared.internalPolicy === 'Cluster' || isReachedFromOutside,
      usesLocal:
        shared.internalPolicy === 'Local' ||
        (shared.externalPolicy === 'Local' && isReachedFromOutside),
    };
    return {
      ...shared,
      key: `${namespace}/${serviceName}:${name}/${protocol}/${addresses.family}`,
      portName: name,
      protocol,
      port: port.port,
      nodePort,
      ...selectEndpoints(endpoints, use, node),
      localReadyCount,
    };
  });
}

type Shared = Pick<
  ServicePort,
  | keyof FamilyAddresses
  | 'namespace'
  | 'name'
  | 'internalPolicy'
  | 'externalPolicy'
  | 'affinity'
  | 'healthCheckNodePort'
>;

/** What all ports of a Service have in common in one family. */
function sharedOf(service: Service, spec: ServiceSpec, addresses: FamilyAddresses): Shared {
  const { namespace = '', name } = service.metadata;
  const isExternal =
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.externalIPs !== undefined && spec.externalIPs.length > 0);
  const externalPolicy = isExternal ? (spec.externalTrafficPolicy ?? 'Cluster') : 'Cluster';
  const hasHealthCheck = spec.type === 'LoadBalancer' && externalPolicy === 'Local';
  return {
    ...addresses,
    namespace,
    name,
    internalPolicy: spec.internalTrafficPolicy ?? 'Cluster',
    externalPolicy,
    affinity: affinityOf(spec),
    healthCheckNodePort: hasHealthCheck ? (spec.healthCheckNodePort ?? 0) : 0,
  };
}

function affinityOf({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): Affinity {
  if (sessionAffinity !== 'ClientIP') return { kind: 'None' };
  const timeoutSec = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinityTimeoutSec;
  return { kind: 'ClientIP', timeoutSec };
}

function portNameOf({ name = '', protocol = 'TCP' }: ServicePortSpec): {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
} {
  return { name, protocol };
}

function countLocalReady(endpoints: readonly (readonly PortEndpoint[])[]): number {
  const addresses = endpoints
    .flat()
    .filter(({ ready, endpoint }) => ready && endpoint.local)
    .map(({ endpoint }) => endpoint.address);
  return new Set(addresses).size;
}

function duplicatePort(
  service: Service,
  { portName, protocol }: { portName: string; protocol: string },
): Problem {
  return {
    severity: 'error',
    reason: 'DuplicatePort',
    message: `two ports are named "${portName}" (${protocol}); the first one counts`,
    instead: 'a name of its own for each port',
    object: serviceRef(service, 'spec.ports'),
  };
}
