import { isIP } from 'node:net';
import type { IPFamily, LoadBalancerIngress, Service } from '../../objects/index.ts';
import { canonicalAddress } from './address-range.ts';
import type { Allotment } from './allotment.ts';
import type { PoolsByFamily } from './pool.ts';

/** The class of Services whose load balancer is asked for here by name. */
export const loadBalancerClass = 'portolan.dev/load-balancer';

/** Whether the addresses of a Service are ours to give: KEP-1959. */
export function isOurLoadBalancer({ spec }: Service): boolean {
  if (spec?.type !== 'LoadBalancer') return false;
  return spec.loadBalancerClass === undefined || spec.loadBalancerClass === loadBalancerClass;
}

/** Addresses that a Service asks to be reached at, or is reached at. */
export function askedLoadBalancerIPs(service: Service): readonly string[] {
  if (!isOurLoadBalancer(service)) return [];
  const { loadBalancerIP } = service.spec ?? {};
  const current =
    service.status?.loadBalancer?.ingress?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? [];
  return [...(loadBalancerIP ? [loadBalancerIP] : []), ...current].map(canonicalAddress);
}

/**
 * The addresses for `status.loadBalancer.ingress`: the one in `spec.loadBalancerIP`, else one of
 * each family from the pools. Undefined: leave the status as it is, since there is no pool.
 */
export function allotLoadBalancer(
  allotment: Allotment,
  families: readonly IPFamily[],
  pools: PoolsByFamily,
): readonly LoadBalancerIngress[] | undefined {
  const { spec } = allotment.service;
  if (spec?.loadBalancerIP) return allotAsked(allotment, canonicalAddress(spec.loadBalancerIP));
  if (pools.size === 0) return undefined;
  const current = askedLoadBalancerIPs(allotment.service);
  return families.flatMap((family) => {
    const pool = pools.get(family);
    if (!pool) return [];
    const field = `loadBalancer/${family}`;
    const mine = current.find((address) => pool.contains(address));
    if (mine !== undefined && allotment.keep(field, mine) === undefined) return [{ ip: mine }];
    const ip = allotment.draw(field, pool);
    if (ip !== undefined) return [{ ip }];
    allotment.problem(
      'error',
      'LoadBalancerAddressesExhausted',
      'status.loadBalancer',
      `no address of ${pool.text} is free; the Service cannot be reached from outside by ${family}`,
      'give more load-balancer addresses',
    );
    return [];
  });
}

function allotAsked(allotment: Allotment, address: string): readonly LoadBalancerIngress[] {
  const field = 'spec.loadBalancerIP';
  if (isIP(address) === 0) {
    allotment.problem(
      'error',
      'InvalidAddress',
      field,
      `"${address}" is no IP address; the Service has no load-balancer address`,
      'write an IP address, or leave it out to have one chosen',
    );
    return [];
  }
  const holder = allotment.keep('loadBalancer/asked', address);
  if (holder === undefined) return [{ ip: address }];
  allotment.problem(
    'error',
    'LoadBalancerIPInUse',
    field,
    `${address} belongs to the older Service ${holder}; this one has no load-balancer address`,
    `choose another address, or leave ${field} out to have one chosen`,
  );
  return [];
}
