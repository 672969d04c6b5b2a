import type { Service, ServicePortSpec, ServiceSpec } from '../objects/index.ts';
import { jsonEqual } from './json-equal.ts';
import { dropRefused, refusedAllocations, stripRefused } from './refused-allocations.ts';

/**
 * A Service written without the addresses and ports that were allocated to it keeps them; one
 * whose new type has no use for them, and that merely repeats them, loses them. So manifests that
 * never name an address can be applied again and again. As the API server's
 * pkg/registry/core/service (patchAllocatedValues, dropTypeDependentFields).
 */
export function keepAllocations(existing: Service, incoming: Service): Service {
  if (!existing.spec) return incoming;
  const asked = dropRefused(existing, incoming);
  // What is refused now is not filled in from before either.
  const before = stripRefused(existing.spec, refusedAllocations(asked));
  const spec = dropOutlived(before, fillIn(before, asked.spec ?? {}));
  return { ...asked, spec };
}

/** Every type but ExternalName, headless too: `None` is a value to keep. */
export function hasClusterIP(spec: ServiceSpec): boolean {
  return spec.type !== 'ExternalName';
}

/** NodePort always, LoadBalancer unless `allocateLoadBalancerNodePorts` is false. */
export function wantsNodePorts(spec: ServiceSpec): boolean {
  if (spec.type === 'LoadBalancer') return spec.allocateLoadBalancerNodePorts !== false;
  return spec.type === 'NodePort';
}

/** Whether `healthCheckNodePort` has a meaning: KEP-3836, API documentation of the field. */
export function wantsHealthCheckNodePort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Ports may stand on either type, whether or not they are allocated by themselves. */
function mayHaveNodePorts(spec: ServiceSpec): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

function fillIn(before: ServiceSpec, after: ServiceSpec): ServiceSpec {
  let filled = after;
  if (hasClusterIP(before) && hasClusterIP(after)) filled = fillInAddresses(before, filled);
  if (mayHaveNodePorts(before) && mayHaveNodePorts(after) && filled.ports) {
    filled = { ...filled, ports: fillInNodePorts(before.ports ?? [], filled.ports) };
  }
  if (
    wantsHealthCheckNodePort(before) &&
    wantsHealthCheckNodePort(after) &&
    before.healthCheckNodePort &&
    !after.healthCheckNodePort
  ) {
    filled = { ...filled, healthCheckNodePort: before.healthCheckNodePort };
  }
  return filled;
}

function fillInAddresses(before: ServiceSpec, after: ServiceSpec): ServiceSpec {
  let filled = after;
  if (!after.clusterIP && !after.clusterIPs?.length && before.clusterIP) {
    filled = { ...filled, clusterIP: before.clusterIP };
  }
  if (
    !after.clusterIPs?.length &&
    before.clusterIPs?.length &&
    filled.clusterIP === before.clusterIP
  ) {
    filled = { ...filled, clusterIPs: before.clusterIPs };
  }
  if (after.ipFamilyPolicy === undefined && before.ipFamilyPolicy !== undefined) {
    filled = { ...filled, ipFamilyPolicy: before.ipFamilyPolicy };
  }
  // A Service whose address is replaced gets families that fit the new one.
  if (
    !after.ipFamilies?.length &&
    before.ipFamilies?.length &&
    filled.clusterIP === before.clusterIP
  ) {
    filled = { ...filled, ipFamilies: before.ipFamilies };
  }
  return toSingleStack(before, filled);
}

/** The policy went from dual to single, and the lists are merely repeated: the first stays. */
function toSingleStack(before: ServiceSpec, after: ServiceSpec): ServiceSpec {
  if (after.ipFamilyPolicy !== 'SingleStack' || before.ipFamilyPolicy === 'SingleStack') {
    return after;
  }
  const { clusterIPs = [], ipFamilies = [] } = after;
  const repeated =
    jsonEqual(clusterIPs, before.clusterIPs ?? []) &&
    jsonEqual(ipFamilies, before.ipFamilies ?? []);
  if (!repeated || clusterIPs.length < 2) return after;
  return { ...after, clusterIPs: clusterIPs.slice(0, 1), ipFamilies: ipFamilies.slice(0, 1) };
}

/** Joined by port name, as upstream; a value that another port asks for by number is not reused. */
function fillInNodePorts(
  before: readonly ServicePortSpec[],
  after: readonly ServicePortSpec[],
): readonly ServicePortSpec[] {
  const asked = new Set(after.map((port) => `${port.nodePort} ${port.protocol ?? 'TCP'}`));
  return after.map((port) => {
    if (port.nodePort) return port;
    const former = before.find((one) => (one.name ?? '') === (port.name ?? ''));
    if (!former?.nodePort || asked.has(`${former.nodePort} ${port.protocol ?? 'TCP'}`)) return port;
    return { ...port, nodePort: former.nodePort };
  });
}

function dropOutlived(before: ServiceSpec, after: ServiceSpec): ServiceSpec {
  let kept = after;
  if (hasClusterIP(before) && !hasClusterIP(after)) kept = dropAddresses(before, kept);
  if (mayHaveNodePorts(before) && !mayHaveNodePorts(after)) kept = dropNodePorts(before, kept);
  if (wantsHealthCheckNodePort(before) && !wantsHealthCheckNodePort(after)) {
    const { healthCheckNodePort, ...rest } = kept;
    if (healthCheckNodePort === before.healthCheckNodePort) kept = rest;
  }
  if (before.type === 'LoadBalancer' && after.type !== 'LoadBalancer') {
    const { loadBalancerClass, ...rest } = kept;
    if (loadBalancerClass === before.loadBalancerClass) kept = rest;
  }
  return kept;
}

function dropAddresses(before: ServiceSpec, after: ServiceSpec): ServiceSpec {
  const { clusterIP, clusterIPs, ipFamilies: _families, ipFamilyPolicy: _policy, ...rest } = after;
  const repeated =
    (clusterIP ?? before.clusterIP) === before.clusterIP &&
    jsonEqual(clusterIPs ?? before.clusterIPs, before.clusterIPs);
  return repeated ? rest : after;
}

function dropNodePorts(before: ServiceSpec, after: ServiceSpec): ServiceSpec {
  if (!after.ports) return after;
  const former = new Set(before.ports?.map((port) => port.nodePort));
  const ports = after.ports.map((port) => {
    const { nodePort, ...rest } = port;
    return former.has(nodePort) ? rest : port;
  });
  return { ...after, ports };
}
