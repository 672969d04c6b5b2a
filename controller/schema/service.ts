import type { Service, ServicePortSpec, ServiceSpec } from '../objects/index.ts';
import type { AdmitOptions } from './admit.ts';
import { isCIDR } from './addresses.ts';
import { checkAppProtocol, checkChoice, checkPort, checkUnique, protocols } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { checkLabels, checkName } from './metadata.ts';
import { checkLabel, checkPortName, checkQualifiedName, checkSubdomain } from './names.ts';
import { quote } from './scalar.ts';
import { checkServiceAddresses } from './service-addresses.ts';

/** Rules for Service, as the API server's ValidateService has them. */
export function checkService(service: Service, issues: Issues, options: AdmitOptions): void {
  if (/^\d/.test(service.metadata.name ?? '')) {
    issues.doubtful(
      ['metadata', 'name'],
      'starts with a digit, which clusters without relaxed Service names refuse',
    );
  }
  const { spec } = service;
  if (spec === undefined) return issues.missing(['spec'], 'is required');
  checkChoice(
    spec.type,
    ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
    ['spec', 'type'],
    issues,
  );
  checkLabels(spec.selector, ['spec', 'selector'], issues);
  checkPorts(spec, issues);
  checkAffinity(spec, issues);
  checkServiceAddresses(service, issues, options.clusterless);
  checkTrafficPolicies(spec, issues);
  checkLoadBalancerFields(spec, issues);
  checkExternalName(spec, issues);
}

function checkPorts(spec: ServiceSpec, issues: Issues): void {
  const ports = spec.ports ?? [];
  if (ports.length === 0 && spec.clusterIP !== 'None' && spec.type !== 'ExternalName') {
    issues.missing(['spec', 'ports'], 'is required, with at least one port');
  }
  ports.forEach((port, index) => checkServicePort(port, spec, ['spec', 'ports', index], issues));
  const at = (index: number): Path => ['spec', 'ports', index];
  checkUnique(ports, (port) => port.name || undefined, at, 'name', issues);
  checkUnique(ports, (port) => `${port.port}/${port.protocol ?? 'TCP'}`, at, 'port', issues);
  checkUnique(
    ports,
    (port) => (port.nodePort ? `${port.nodePort}/${port.protocol ?? 'TCP'}` : undefined),
    at,
    'nodePort',
    issues,
  );
}

function checkServicePort(
  port: ServicePortSpec,
  spec: ServiceSpec,
  path: Path,
  issues: Issues,
): void {
  if (port.name) checkName(port.name, checkLabel, [...path, 'name'], issues);
  else if ((spec.ports?.length ?? 0) > 1) {
    issues.missing([...path, 'name'], 'is required when a Service has several ports');
  }
  checkPort(port.port, [...path, 'port'], issues);
  checkChoice(port.protocol, protocols, [...path, 'protocol'], issues);
  checkAppProtocol(port.appProtocol, [...path, 'appProtocol'], issues);
  if (typeof port.targetPort === 'number') {
    // Equal by default: a bad port is reported once.
    if (port.targetPort !== port.port) checkPort(port.targetPort, [...path, 'targetPort'], issues);
  } else if (port.targetPort !== undefined) {
    checkTargetPortName(port.targetPort, [...path, 'targetPort'], issues);
  }
  checkNodePort(port, spec, path, issues);
}

function checkNodePort(
  { nodePort }: ServicePortSpec,
  spec: ServiceSpec,
  path: Path,
  issues: Issues,
): void {
  if (!nodePort) return;
  checkPort(nodePort, [...path, 'nodePort'], issues);
  if (spec.type === undefined || spec.type === 'ClusterIP') {
    issues.invalid(
      [...path, 'nodePort'],
      'needs type NodePort or LoadBalancer',
      'set spec.type to NodePort, or remove nodePort',
    );
  }
}

/** A number in quotes is the usual slip here: as text it would name a container port. */
function checkTargetPortName(name: string, path: Path, issues: Issues): void {
  const rule = checkPortName(name);
  if (rule === undefined) return;
  const quoted = /^\d{1,5}$/.test(name);
  issues.invalid(
    path,
    `names a container port, and that ${rule}; it is ${quote(name)}`,
    quoted ? `${name} without quotes` : undefined,
  );
}

function checkAffinity(spec: ServiceSpec, issues: Issues): void {
  checkChoice(spec.sessionAffinity, ['None', 'ClientIP'], ['spec', 'sessionAffinity'], issues);
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinityConfig !== undefined && spec.sessionAffinity !== 'ClientIP') {
    issues.invalid(
      ['spec', 'sessionAffinityConfig'],
      'has no meaning without sessionAffinity ClientIP',
      'set spec.sessionAffinity to ClientIP, or remove it',
    );
  }
  // A day: MaxClientIPServiceAffinitySeconds.
  if (timeout !== undefined && (timeout < 1 || timeout > 86400)) {
    issues.invalid(
      ['spec', 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds'],
      `must be between 1 and 86400 seconds, not ${timeout}`,
    );
  }
}

function checkTrafficPolicies(spec: ServiceSpec, issues: Issues): void {
  const policies = ['Cluster', 'Local'];
  checkChoice(spec.internalTrafficPolicy, policies, ['spec', 'internalTrafficPolicy'], issues);
  checkChoice(spec.externalTrafficPolicy, policies, ['spec', 'externalTrafficPolicy'], issues);
  if (spec.externalTrafficPolicy && !isExternallyReachable(spec)) {
    issues.invalid(
      ['spec', 'externalTrafficPolicy'],
      'needs a Service that is reached from outside',
      'set spec.type to NodePort or LoadBalancer, set externalIPs, or remove it',
    );
  }
  checkChoice(
    spec.trafficDistribution,
    ['PreferClose', 'PreferSameZone', 'PreferSameNode'],
    ['spec', 'trafficDistribution'],
    issues,
  );
}

/** Type NodePort or LoadBalancer, or ClusterIP with externalIPs. */
export function isExternallyReachable(spec: ServiceSpec): boolean {
  switch (spec.type) {
    case 'NodePort':
    case 'LoadBalancer':
      return true;
    case 'ExternalName':
      return false;
    case 'ClusterIP':
    case undefined:
    // A type that the API does not know is reported where types are checked.
    default:
      return (spec.externalIPs?.length ?? 0) > 0;
  }
}

function checkLoadBalancerFields(spec: ServiceSpec, issues: Issues): void {
  const isBalancer = spec.type === 'LoadBalancer';
  const only: readonly (readonly [string, boolean])[] = [
    ['loadBalancerSourceRanges', (spec.loadBalancerSourceRanges?.length ?? 0) > 0],
    ['loadBalancerClass', Boolean(spec.loadBalancerClass)],
    ['allocateLoadBalancerNodePorts', spec.allocateLoadBalancerNodePorts !== undefined],
  ];
  for (const [field, isSet] of only) {
    if (isSet && !isBalancer) {
      issues.invalid(
        ['spec', field],
        'needs type LoadBalancer',
        'set spec.type to LoadBalancer, or remove it',
      );
    }
  }
  spec.loadBalancerSourceRanges?.forEach((range, index) => {
    if (isCIDR(range.trim())) return;
    const path = ['spec', 'loadBalancerSourceRanges', index];
    issues.invalid(path, `must be a CIDR, not ${quote(range)}`, 'as in 192.0.2.0/24');
  });
  if (spec.loadBalancerClass) {
    checkName(spec.loadBalancerClass, checkQualifiedName, ['spec', 'loadBalancerClass'], issues);
  }
  if (!spec.healthCheckNodePort) return;
  checkPort(spec.healthCheckNodePort, ['spec', 'healthCheckNodePort'], issues);
  if (!isBalancer || spec.externalTrafficPolicy !== 'Local') {
    issues.invalid(
      ['spec', 'healthCheckNodePort'],
      'needs type LoadBalancer and externalTrafficPolicy Local',
      'set both, or remove it',
    );
  }
}

function checkExternalName(spec: ServiceSpec, issues: Issues): void {
  if (spec.type !== 'ExternalName') return;
  const name = spec.externalName?.replace(/\.$/, '');
  if (name) checkName(name, checkSubdomain, ['spec', 'externalName'], issues);
  else issues.missing(['spec', 'externalName'], 'is required for type ExternalName');
}
