import type { Problem } from '../../base/index.ts';
import { bundleKey, type EndpointSlice, type ServiceBundle } from '../../objects/index.ts';
import type { CheckSpec } from '../check.ts';
import type { ProbeTarget } from '../prober.ts';
import { annotationOptions } from './annotation-options.ts';
import type { ServiceCheck } from './service-check.ts';

/** One endpoint to be checked, under the name that EndpointHealth gives it. */
export interface ServiceTarget extends CheckSpec {
  readonly address: string;
  /** First port of the slice; not always the one that is checked. */
  readonly port: number;
}

export interface ServiceTargets {
  readonly targets: readonly ServiceTarget[];
  readonly problems: readonly Problem[];
}

/**
 * What to probe for a Service: every endpoint that its slices list, ready or not, so that one that
 * becomes ready is judged already. Endpoints of FQDN slices are no addresses and left out.
 */
export function serviceTargets(bundle: ServiceBundle, check: ServiceCheck): ServiceTargets {
  const targets = new Map<string, ServiceTarget>();
  const problems: Problem[] = [];
  // What an earlier run of the daemon wrote holds until the first probe.
  const recorded = new Map(
    bundle.health?.status.endpoints.map((one) => [`${one.address} ${one.port}`, one.healthy]),
  );
  for (const slice of bundle.slices) {
    if (slice.addressType === 'FQDN') continue;
    const checkedPort = portToCheck(slice, check);
    if (checkedPort === undefined) {
      problems.push(noPortProblem(bundle, slice, check));
      continue;
    }
    const port = slice.ports?.[0]?.port ?? 0;
    for (const { addresses } of slice.endpoints) {
      const [address] = addresses;
      if (address === undefined) continue;
      const key = `${address} ${port}`;
      const healthy = recorded.get(key);
      targets.set(key, {
        key,
        address,
        port,
        target: probeTarget(address, checkedPort, check),
        schedule: check.schedule,
        initial: healthy === undefined ? { kind: 'unknown' } : { kind: 'recalled', healthy },
      });
    }
  }
  return { targets: [...targets.values()], problems };
}

function portToCheck(slice: EndpointSlice, { port }: ServiceCheck): number | undefined {
  if (typeof port === 'number') return port;
  const tcpPorts = (slice.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const found = port === undefined ? tcpPorts[0] : tcpPorts.find(({ name }) => name === port);
  return found?.port;
}

function probeTarget(address: string, port: number, check: ServiceCheck): ProbeTarget {
  const { type, host } = check;
  switch (type) {
    case 'tcp':
      return { kind: type, address, port };
    case 'grpc':
      return { kind: type, address, port, service: check.grpcService, host };
    case 'http':
    case 'https':
      return {
        kind: type,
        address,
        port,
        path: check.path,
        host,
        headers: [],
        expectedStatus: check.expectedStatus,
        verifyTls: check.verifyTls,
      };
  }
}

function noPortProblem(bundle: ServiceBundle, slice: EndpointSlice, check: ServiceCheck): Problem {
  const { namespace = '', name } = bundle.service.metadata;
  const { annotation } = annotationOptions.port;
  const missing = check.port === undefined ? 'no TCP port' : `no TCP port named "${check.port}"`;
  const names = (slice.ports ?? []).map((port) => port.name || port.port).join(', ') || 'none';
  return {
    severity: 'warning',
    reason: 'NoPortToCheck',
    message: `Service ${bundleKey(bundle)}: EndpointSlice ${slice.metadata.name} has ${missing} (its ports: ${names}); its endpoints are not checked and count as healthy`,
    instead: `set ${annotation} to a port number or to the name of a TCP port`,
    object: { kind: 'Service', namespace, name, field: `metadata.annotations[${annotation}]` },
  };
}
