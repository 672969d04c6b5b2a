import type { Service, ServiceSpec } from '../objects/index.ts';
import { familyOf, unfitForEndpoint } from './addresses.ts';
import { checkChoice, checkUnique } from './choices.ts';
import type { Issues, Path } from './issue.ts';
import { quote } from './scalar.ts';

/** Rules for the addresses of a Service: its own, external ones, and those of its status. */
export function checkServiceAddresses(
  service: Service,
  issues: Issues,
  clusterless: boolean,
): void {
  const spec = service.spec ?? {};
  checkClusterIPs(spec, issues);
  checkFamilies(spec, issues);
  spec.externalIPs?.forEach((ip, index) =>
    checkReachable(ip, ['spec', 'externalIPs', index], issues, clusterless),
  );
  service.status?.loadBalancer?.ingress?.forEach((entry, index) => {
    const path = ['status', 'loadBalancer', 'ingress', index];
    if (entry.ip) checkAddress(entry.ip, [...path, 'ip'], issues);
    checkChoice(entry.ipMode, ['VIP', 'Proxy'], [...path, 'ipMode'], issues);
  });
}

function checkClusterIPs(spec: ServiceSpec, issues: Issues): void {
  const { clusterIP, clusterIPs = [], type } = spec;
  const first = clusterIP || clusterIPs[0];
  if (!first) return;
  const path = clusterIP ? ['spec', 'clusterIP'] : ['spec', 'clusterIPs', 0];
  if (type === 'ExternalName') {
    issues.invalid(path, 'has no meaning for type ExternalName', 'remove it');
  } else if (first === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) {
    issues.invalid(path, `can't be None for type ${type}`, 'remove it, or set type ClusterIP');
  }
  if (clusterIP && clusterIPs[0] && clusterIP !== clusterIPs[0]) {
    issues.invalid(
      ['spec', 'clusterIPs', 0],
      `must be the same as clusterIP, which is ${quote(clusterIP)}`,
    );
  }
  if (clusterIPs.length > 2) issues.invalid(['spec', 'clusterIPs'], 'may hold one of each family');
  if (clusterIP && clusterIP !== 'None') checkAddress(clusterIP, ['spec', 'clusterIP'], issues);
  clusterIPs.forEach((ip, index) => {
    // The first repeats clusterIP, which is checked above.
    if (index === 0 && ip === clusterIP) return;
    if (ip !== 'None') checkAddress(ip, ['spec', 'clusterIPs', index], issues);
  });
  if (clusterIPs.length > 1 && clusterIPs.includes('None')) {
    issues.invalid(['spec', 'clusterIPs'], 'may hold addresses or None, not both');
  }
  checkUnique(
    clusterIPs,
    (ip) => familyOf(ip),
    (index) => ['spec', 'clusterIPs', index],
    'family',
    issues,
  );
}

function checkFamilies(spec: ServiceSpec, issues: Issues): void {
  const families = spec.ipFamilies ?? [];
  families.forEach((family, index) =>
    checkChoice(family, ['IPv4', 'IPv6'], ['spec', 'ipFamilies', index], issues),
  );
  const at = (index: number): Path => ['spec', 'ipFamilies', index];
  checkUnique(families, (family) => family, at, 'family', issues);
  checkChoice(
    spec.ipFamilyPolicy,
    ['SingleStack', 'PreferDualStack', 'RequireDualStack'],
    ['spec', 'ipFamilyPolicy'],
    issues,
  );
  const addresses = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  addresses.forEach((ip, index) => {
    const [is, said] = [familyOf(ip), families[index]];
    if (is !== undefined && said !== undefined && is !== said) {
      issues.invalid(at(index), `is ${said}, but the address in its place, ${ip}, is ${is}`, is);
    }
  });
}

/** Reports what is no address literal. */
export function checkAddress(address: string, path: Path, issues: Issues): boolean {
  if (familyOf(address) !== undefined) return true;
  issues.invalid(path, `must be an IP address, not ${quote(address)}`);
  return false;
}

/** Reports addresses that are none, and such as nothing can be reached at. */
export function checkReachable(
  address: string,
  path: Path,
  issues: Issues,
  clusterless: boolean,
): void {
  if (!checkAddress(address, path, issues)) return;
  const unfit = unfitForEndpoint(address, clusterless);
  if (unfit !== undefined) issues.invalid(path, `can't be ${address}, a ${unfit} address`);
}
