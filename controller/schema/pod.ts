import type { Container, Pod, Probe } from '../objects/index.ts';
import type { AdmitOptions } from './admit.ts';
import { checkChoice, checkPort, checkUnique, protocols } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { checkName } from './metadata.ts';
import { checkLabel, checkPortName, checkSubdomain } from './names.ts';
import { checkReachable } from './service-addresses.ts';

/** Rules for Pod, as far as networking and health checks read it. */
export function checkPod(pod: Pod, issues: Issues, options: AdmitOptions): void {
  const { spec, status } = pod;
  if (spec === undefined) return issues.missing(['spec'], 'is required');
  if (spec.containers.length === 0) {
    issues.missing(['spec', 'containers'], 'needs at least one container');
  }
  spec.containers.forEach((container, index) =>
    checkContainer(container, ['spec', 'containers', index], issues),
  );
  checkUnique(
    spec.containers,
    (container) => container.name,
    (index) => ['spec', 'containers', index, 'name'],
    'name',
    issues,
  );
  if (spec.hostname) checkName(spec.hostname, checkLabel, ['spec', 'hostname'], issues);
  if (spec.subdomain) checkName(spec.subdomain, checkLabel, ['spec', 'subdomain'], issues);
  if (spec.nodeName) checkName(spec.nodeName, checkSubdomain, ['spec', 'nodeName'], issues);
  const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
  checkChoice(status?.phase, phases, ['status', 'phase'], issues);
  if (status?.podIP) {
    checkReachable(status.podIP, ['status', 'podIP'], issues, options.clusterless);
  }
  status?.podIPs?.forEach(({ ip }, index) =>
    checkReachable(ip, ['status', 'podIPs', index, 'ip'], issues, options.clusterless),
  );
}

function checkContainer(container: Container, path: Path, issues: Issues): void {
  checkName(container.name, checkLabel, [...path, 'name'], issues);
  const ports = container.ports ?? [];
  ports.forEach((port, index) => {
    const at = [...path, 'ports', index];
    if (port.name) checkName(port.name, checkPortName, [...at, 'name'], issues);
    checkPort(port.containerPort, [...at, 'containerPort'], issues);
    checkChoice(port.protocol, protocols, [...at, 'protocol'], issues);
  });
  checkUnique(
    ports,
    (port) => port.name || undefined,
    (index) => [...path, 'ports', index, 'name'],
    'name',
    issues,
  );
  if (container.readinessProbe !== undefined) {
    checkProbe(container.readinessProbe, [...path, 'readinessProbe'], issues);
  }
}

/** Counts and times of a probe with the least that each may be; 0 stands for the default. */
const probeMinimums = [
  ['initialDelaySeconds', 0],
  ['timeoutSeconds', 0],
  ['periodSeconds', 0],
  ['successThreshold', 0],
  ['failureThreshold', 0],
] as const;

function checkProbe(probe: Probe, path: Path, issues: Issues): void {
  const handlers = (['httpGet', 'tcpSocket', 'grpc', 'exec'] as const).filter(
    (name) => probe[name] !== undefined,
  );
  if (handlers.length === 0) {
    issues.missing([...path, 'httpGet'], 'or tcpSocket, grpc or exec is required');
  } else if (handlers.length > 1) {
    issues.invalid(path, `may have one of ${handlers.join(' and ')}`);
  }
  for (const [field, least] of probeMinimums) {
    const value = probe[field];
    if (value !== undefined && value < least) {
      issues.invalid([...path, field], `must be at least ${least}, not ${value}`);
    }
  }
  checkChoice(probe.httpGet?.scheme, ['HTTP', 'HTTPS'], [...path, 'httpGet', 'scheme'], issues);
  for (const handler of ['httpGet', 'tcpSocket', 'grpc'] as const) {
    const port = probe[handler]?.port;
    const at = [...path, handler, 'port'];
    if (typeof port === 'number') checkPort(port, at, issues);
    else if (port !== undefined) checkName(port, checkPortName, at, issues);
  }
}
