import type { EndpointAddress, Endpoints, EndpointSubset } from '../objects/index.ts';
import type { AdmitOptions } from './admit.ts';
import { checkAppProtocol, checkChoice, checkPort, protocols } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { checkName } from './metadata.ts';
import { checkLabel, checkSubdomain } from './names.ts';
import { checkReachable } from './service-addresses.ts';

/** Rules for Endpoints, the older form of EndpointSlice. */
export function checkEndpoints(endpoints: Endpoints, issues: Issues, options: AdmitOptions): void {
  endpoints.subsets?.forEach((subset, index) =>
    checkSubset(subset, ['subsets', index], issues, options.clusterless),
  );
}

function checkSubset(
  subset: EndpointSubset,
  path: Path,
  issues: Issues,
  clusterless: boolean,
): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length + notReadyAddresses.length === 0) {
    issues.missing([...path, 'addresses'], 'or notReadyAddresses is required');
  }
  const lists = [
    ['addresses', addresses],
    ['notReadyAddresses', notReadyAddresses],
  ] as const;
  for (const [field, list] of lists) {
    list.forEach((address, index) =>
      checkEndpointAddress(address, [...path, field, index], issues, clusterless),
    );
  }
  ports.forEach((port, index) => {
    const at = [...path, 'ports', index];
    if (port.name) checkName(port.name, checkLabel, [...at, 'name'], issues);
    else if (ports.length > 1) issues.missing([...at, 'name'], 'is required beside other ports');
    checkPort(port.port, [...at, 'port'], issues);
    checkChoice(port.protocol, protocols, [...at, 'protocol'], issues);
    checkAppProtocol(port.appProtocol, [...at, 'appProtocol'], issues);
  });
}

function checkEndpointAddress(
  address: EndpointAddress,
  path: Path,
  issues: Issues,
  clusterless: boolean,
): void {
  checkReachable(address.ip, [...path, 'ip'], issues, clusterless);
  if (address.hostname) checkName(address.hostname, checkLabel, [...path, 'hostname'], issues);
  if (address.nodeName) checkName(address.nodeName, checkSubdomain, [...path, 'nodeName'], issues);
}
