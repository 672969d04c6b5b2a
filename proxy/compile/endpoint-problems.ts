import type { Problem } from '../../controller/base/index.ts';
import type {
  EndpointSlice,
  JudgedEndpoint,
  JudgedEndpoints,
  Service,
  ServicePortSpec,
} from '../../controller/objects/index.ts';
import { familyOf } from './address.ts';
import { slicePortOf } from './port-endpoints.ts';
import { serviceRef } from './service-ref.ts';
import type { ServicePort } from './table.ts';

/**
 * Why clients of a Service are refused though somebody meant it to have endpoints. A Service with
 * neither selector nor slices is left in peace: it may be waiting for them.
 */
export function endpointProblems(
  service: Service,
  slices: readonly EndpointSlice[],
  { endpoints, panic }: JudgedEndpoints,
  ports: readonly ServicePort[],
): readonly Problem[] {
  const problems = slices.flatMap(wrongFamily);
  if (panic) problems.push(allUnhealthy(service, endpoints));
  if (ports.length === 0) return problems;
  const usable = endpoints.filter((one) => one.ready || (one.serving && one.terminating));
  if (usable.length === 0) {
    const reason = whyNone(service, slices, endpoints);
    return reason === undefined ? problems : [...problems, noReadyEndpoints(service, reason)];
  }
  for (const [place, port] of (service.spec?.ports ?? []).entries()) {
    const { name = '', protocol = 'TCP' } = port;
    const isOffered = endpoints.some((one) => slicePortOf(one, { name, protocol }) !== undefined);
    if (!isOffered) problems.push(portNotOffered(service, port, place, slices));
  }
  for (const family of new Set(ports.map((port) => port.family))) {
    if (usable.some(({ slice }) => slice.addressType === family)) continue;
    problems.push(
      noReadyEndpoints(service, {
        message: `no ${family} endpoint is ready`,
        instead: `${family} endpoints, or no ${family} in spec.ipFamilies`,
      }),
    );
  }
  return problems;
}

interface Reason {
  readonly message: string;
  readonly instead: string;
}

function whyNone(
  service: Service,
  slices: readonly EndpointSlice[],
  endpoints: readonly JudgedEndpoint[],
): Reason | undefined {
  const count = endpoints.length;
  if (count > 0) {
    const message =
      count === 1 ? 'its only endpoint is not ready' : `none of its ${count} endpoints is ready`;
    return {
      message,
      instead: 'make the Pods ready: their conditions and events say what is missing',
    };
  }
  const selector = Object.entries(service.spec?.selector ?? {});
  if (selector.length > 0) {
    const labels = selector.map(([key, value]) => `${key}=${value}`).join(',');
    return {
      message: `no Pod with an address matches its selector ${labels}`,
      instead: `the labels of the Pods in spec.selector, or Pods labelled ${labels}`,
    };
  }
  if (slices.length === 0) return undefined;
  return {
    message: 'its EndpointSlices list no endpoint with an IP address',
    instead: 'endpoints with addresses in the EndpointSlice',
  };
}

function noReadyEndpoints(service: Service, { message, instead }: Reason): Problem {
  return {
    severity: 'warning',
    reason: 'NoReadyEndpoints',
    message: `${message}: connections are refused`,
    instead,
    object: serviceRef(service),
  };
}

function allUnhealthy(service: Service, endpoints: readonly JudgedEndpoint[]): Problem {
  const count = endpoints.filter((one) => one.ready).length;
  return {
    severity: 'warning',
    reason: 'AllEndpointsUnhealthy',
    message: `every ready endpoint (${count}) fails its health check, so checks are disregarded`,
    instead: 'a check that healthy endpoints pass, or endpoints that do',
    object: serviceRef(service),
  };
}

/** The classic mistake: ports of Services and slices meet by name and protocol, not by number. */
function portNotOffered(
  service: Service,
  { name = '', protocol = 'TCP', targetPort }: ServicePortSpec,
  place: number,
  slices: readonly EndpointSlice[],
): Problem {
  const port = `port "${name}" (${protocol})`;
  const hasSelector = Object.keys(service.spec?.selector ?? {}).length > 0;
  if (hasSelector && typeof targetPort === 'string') {
    return {
      severity: 'error',
      reason: 'NoSuchTargetPort',
      message: `no selected Pod has a container port named "${targetPort}" (${protocol}): connections to ${port} are refused`,
      instead: 'the name of a container port of the Pods, or its number',
      object: serviceRef(service, `spec.ports[${place}].targetPort`),
    };
  }
  const offered = [...new Set(slices.flatMap(portTexts))].toSorted();
  return {
    severity: 'error',
    reason: 'PortNameMismatch',
    message: `no EndpointSlice offers ${port}, only ${offered.slice(0, 5).join(', ') || 'no port at all'}: connections to it are refused`,
    instead: 'the same name and protocol in the Service and its EndpointSlices',
    object: serviceRef(service, `spec.ports[${place}].name`),
  };
}

function portTexts({ ports = [] }: EndpointSlice): readonly string[] {
  return ports
    .filter(({ port }) => port)
    .map(({ name, protocol = 'TCP' }) => `"${name ?? ''}" (${protocol})`);
}

/** One problem for a slice, naming the first address that its `addressType` forbids. */
function wrongFamily({ metadata, addressType, endpoints }: EndpointSlice): Problem[] {
  if (addressType === 'FQDN') return [];
  const place = endpoints.findIndex(
    ({ addresses: [address] }) => address !== undefined && familyOf(address) !== addressType,
  );
  if (place < 0) return [];
  const { namespace = '', name } = metadata;
  return [
    {
      severity: 'error',
      reason: 'AddressFamilyMismatch',
      message: `"${endpoints[place]?.addresses[0]}" is no ${addressType} address; such endpoints are left out`,
      instead: `an ${addressType} address, or another addressType`,
      object: {
        kind: 'EndpointSlice',
        namespace,
        name,
        field: `endpoints[${place}].addresses[0]`,
      },
    },
  ];
}
