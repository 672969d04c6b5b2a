import type { EndpointSlice, SliceEndpoint, SlicePort } from '../objects/index.ts';
import type { AdmitOptions } from './admit.ts';
import { familyOf } from './addresses.ts';
import { checkAppProtocol, checkChoice, checkPort, checkUnique, protocols } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { checkName } from './metadata.ts';
import { checkLabel, checkSubdomain } from './names.ts';
import { quote } from './scalar.ts';
import { checkReachable } from './service-addresses.ts';

/** Limits of discovery/v1: they keep one change of one endpoint a small write. */
const maxEndpoints = 1000;
const maxPorts = 100;
const maxAddresses = 100;

/** Rules for EndpointSlice. */
export function checkEndpointSlice(
  slice: EndpointSlice,
  issues: Issues,
  options: AdmitOptions,
): void {
  checkChoice(slice.addressType, ['IPv4', 'IPv6', 'FQDN'], ['addressType'], issues);
  if (slice.addressType.length === 0) issues.missing(['addressType'], 'is required');
  const { endpoints, ports = [] } = slice;
  if (endpoints.length > maxEndpoints) {
    issues.invalid(['endpoints'], `are ${endpoints.length}; a slice holds ${maxEndpoints}`, split);
  }
  if (ports.length > maxPorts) {
    issues.invalid(['ports'], `are ${ports.length}; a slice holds ${maxPorts}`, split);
  }
  endpoints.forEach((endpoint, index) =>
    checkEndpoint(endpoint, slice.addressType, ['endpoints', index], issues, options.clusterless),
  );
  ports.forEach((port, index) => checkSlicePort(port, ['ports', index], issues));
  checkUnique(
    ports,
    (port) => port.name ?? '',
    (index) => ['ports', index],
    'name',
    issues,
  );
}

const split = 'spread them over several slices with the same kubernetes.io/service-name label';

function checkEndpoint(
  endpoint: SliceEndpoint,
  addressType: EndpointSlice['addressType'],
  path: Path,
  issues: Issues,
  clusterless: boolean,
): void {
  const { addresses } = endpoint;
  if (addresses.length === 0) issues.missing([...path, 'addresses'], 'needs one address');
  if (addresses.length > maxAddresses) {
    issues.invalid([...path, 'addresses'], `may hold ${maxAddresses}, but only the first is used`);
  }
  addresses.forEach((address, index) => {
    const at = [...path, 'addresses', index];
    if (addressType === 'FQDN') {
      checkName(address.replace(/\.$/, ''), checkSubdomain, at, issues);
      return;
    }
    const family = familyOf(address);
    if (family !== undefined && family !== addressType) {
      const other = `put it in a slice of its own with addressType ${family}`;
      issues.invalid(
        at,
        `must be ${addressType}, as addressType says, not ${quote(address)}`,
        other,
      );
    } else {
      checkReachable(address, at, issues, clusterless);
    }
  });
  if (endpoint.hostname) checkName(endpoint.hostname, checkLabel, [...path, 'hostname'], issues);
  if (endpoint.nodeName) {
    checkName(endpoint.nodeName, checkSubdomain, [...path, 'nodeName'], issues);
  }
}

function checkSlicePort(port: SlicePort, path: Path, issues: Issues): void {
  if (port.name) checkName(port.name, checkLabel, [...path, 'name'], issues);
  checkPort(port.port, [...path, 'port'], issues);
  checkChoice(port.protocol, protocols, [...path, 'protocol'], issues);
  checkAppProtocol(port.appProtocol, [...path, 'appProtocol'], issues);
}
