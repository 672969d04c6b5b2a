import type { IPFamily, Service, ServiceSpec } from '../../objects/index.ts';
import { refusedAllocations } from '../../store/index.ts';
import { familyOf } from '../endpoint-slices/pod-endpoint.ts';
import { canonicalAddress } from './address-range.ts';
import type { Allotment } from './allotment.ts';
import type { PoolsByFamily } from './pool.ts';

type Policy = NonNullable<ServiceSpec['ipFamilyPolicy']>;

/** The address fields of `spec`; undefined: the Service has none. */
export interface ClusterIPFields {
  readonly clusterIP: string;
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly IPFamily[];
  readonly ipFamilyPolicy: Policy;
}

/** Addresses that the author asks for: those in `spec`, and those refused while it has none. */
export function askedClusterIPs(service: Service): readonly string[] {
  const { clusterIP, clusterIPs = [] } = service.spec ?? {};
  const inSpec = clusterIPs.length > 0 ? clusterIPs : clusterIP ? [clusterIP] : [];
  const asked = inSpec.length > 0 ? inSpec : refusedIPs(service);
  return asked.filter((address) => address !== 'None').map(canonicalAddress);
}

/** Gives a Service its cluster IPs, in the families that it wants and the cluster has. */
export function allotClusterIPs(
  allotment: Allotment,
  pools: PoolsByFamily,
): ClusterIPFields | undefined {
  const { service } = allotment;
  const policy = policyOf(service);
  const asked = inRange(allotment, pools);
  const addresses: string[] = [];
  const families: IPFamily[] = [];
  for (const family of familiesFor(allotment, policy, asked, pools)) {
    const wanted = asked.find((address) => familyOf(address) === family);
    const address = allotOne(allotment, family, wanted, pools);
    // Half of what was asked for would be a surprise: then rather none.
    if (address === undefined && wanted !== undefined) return undefined;
    if (address === undefined) continue;
    addresses.push(address);
    families.push(family);
  }
  const [clusterIP] = addresses;
  if (clusterIP === undefined) return undefined;
  return { clusterIP, clusterIPs: addresses, ipFamilies: families, ipFamilyPolicy: policy };
}

/** What the API server assumes where no policy is written. */
export function policyOf({ spec = {} }: Service): Policy {
  const dual = (spec.clusterIPs?.length ?? 0) > 1 || (spec.ipFamilies?.length ?? 0) > 1;
  return spec.ipFamilyPolicy ?? (dual ? 'RequireDualStack' : 'SingleStack');
}

/** The families a Service is to have, first the one of `clusterIP`. */
export function familiesFor(
  allotment: Allotment,
  policy: Policy,
  asked: readonly string[],
  pools: PoolsByFamily,
): readonly IPFamily[] {
  const offered = [...pools.keys()];
  const named = allotment.service.spec?.ipFamilies ?? [];
  const wanted = new Set([...asked.map(familyOf), ...named]);
  const available = [...wanted].filter((family) => pools.has(family));
  for (const family of wanted.difference(new Set(offered))) {
    allotment.problem(
      'error',
      'IPFamilyUnavailable',
      'spec.ipFamilies',
      `no service CIDR is ${family}; the Service has no ${family} address`,
      `add a ${family} range to --service-cidr, or leave ${family} out`,
    );
  }
  if (wanted.size > 0 && available.length === 0) return [];
  if (policy === 'SingleStack') return (available.length > 0 ? available : offered).slice(0, 1);
  const families = [...new Set([...available, ...offered])];
  if (policy === 'RequireDualStack' && families.length < 2) {
    allotment.problem(
      'error',
      'DualStackUnavailable',
      'spec.ipFamilyPolicy',
      `RequireDualStack, but every service CIDR is ${offered.join()}; the Service has that family alone`,
      'give --service-cidr an IPv4 and an IPv6 range, or write PreferDualStack',
    );
  }
  return families;
}

function allotOne(
  allotment: Allotment,
  family: IPFamily,
  wanted: string | undefined,
  pools: PoolsByFamily,
): string | undefined {
  const field = `clusterIP/${family}`;
  const pool = pools.get(family);
  if (wanted === undefined) {
    const drawn = pool && allotment.draw(field, pool);
    if (pool && drawn === undefined) {
      allotment.problem(
        'error',
        'ClusterIPsExhausted',
        'spec.clusterIP',
        `no address of ${pool.text} is free; the Service has none`,
        'choose a wider --service-cidr',
      );
    }
    return drawn;
  }
  const holder = allotment.keep(field, wanted);
  if (holder === undefined) return wanted;
  allotment.refused.push(wanted);
  allotment.problem(
    'error',
    'ClusterIPInUse',
    'spec.clusterIP',
    `${wanted} belongs to the older Service ${holder}; this one runs without a cluster IP`,
    `leave spec.clusterIP out, or choose an address that \`portolan get services -A\` does not show`,
  );
  return undefined;
}

/** Sorts out what no range offers: it is replaced, so that exported manifests work elsewhere. */
function inRange(allotment: Allotment, pools: PoolsByFamily): readonly string[] {
  const { service } = allotment;
  const offers = (address: string): boolean =>
    pools.get(familyOf(address))?.contains(address) ?? false;
  const asked = askedClusterIPs(service);
  const outside = new Set([...refusedIPs(service), ...asked].filter((one) => !offers(one)));
  const ranges = [...pools.values()].map(({ text }) => text).join(', ');
  for (const address of outside) {
    allotment.refused.push(address);
    allotment.problem(
      'warning',
      'ClusterIPOutOfRange',
      'spec.clusterIP',
      `${address} is not an address that ${ranges} offers; another was given in its place`,
      `leave spec.clusterIP out, or set --service-cidr to a range that holds it`,
    );
  }
  return asked.filter(offers);
}

function refusedIPs(service: Service): readonly string[] {
  return refusedAllocations(service).filter((entry) => !entry.includes('/'));
}
