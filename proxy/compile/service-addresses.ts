import type { Problem } from '../../controller/base/index.ts';
import type { IPFamily, Service, ServiceSpec } from '../../controller/objects/index.ts';
import { canonicalAddress, familyOf } from './address.ts';
import { type Cidr, parseCidr } from './cidr.ts';
import { serviceRef } from './service-ref.ts';

/** The addresses of a Service in one family, each named once: the first use of it counts. */
export interface FamilyAddresses {
  readonly family: IPFamily;
  readonly clusterIP: string;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  readonly loadBalancerSourceRanges: readonly string[];
}

/** Matches no sender: the unspecified address is never a source (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2). */
const nobody: { readonly [F in IPFamily]: string } = { IPv4: '0.0.0.0/32', IPv6: '::/128' };

/** One entry for each family in which the Service has a clusterIP; in no other is it served. */
export function readAddresses(service: Service): {
  readonly families: readonly FamilyAddresses[];
  readonly problems: readonly Problem[];
} {
  const { spec = {}, status } = service;
  const problems: Problem[] = [];
  const externalIPs = canonicalList(spec.externalIPs ?? [], 'spec.externalIPs', service, problems);
  // ipMode Proxy (KEP-1860): the traffic must really go out to the balancer, so it is not caught.
  const vips = (status?.loadBalancer?.ingress ?? [])
    .filter(({ ipMode = 'VIP' }) => ipMode === 'VIP')
    .flatMap(({ ip }) => ip ?? []);
  const field = 'status.loadBalancer.ingress';
  const loadBalancerIPs = canonicalList(vips, field, service, problems);
  const ranges = readSourceRanges(service, problems);
  const families = clusterIPs(spec).map(([family, clusterIP]): FamilyAddresses => {
    const external = ofFamily(externalIPs, family).filter((ip) => ip !== clusterIP);
    return {
      family,
      clusterIP,
      externalIPs: external,
      loadBalancerIPs: ofFamily(loadBalancerIPs, family).filter(
        (ip) => ip !== clusterIP && !external.includes(ip),
      ),
      loadBalancerSourceRanges: rangesOf(family, ranges),
    };
  });
  return { families, problems };
}

/** `clusterIPs[i]` is of `ipFamilies[i]`; where neither list is filled in, `clusterIP` speaks. */
function clusterIPs(spec: ServiceSpec): readonly (readonly [IPFamily, string])[] {
  const listed = spec.ipFamilies?.length ? spec.clusterIPs : undefined;
  const addresses = listed?.length ? listed : [spec.clusterIP || spec.clusterIPs?.[0] || ''];
  const byFamily = new Map<IPFamily, string>();
  for (const address of addresses) {
    const family = familyOf(address);
    const canonical = canonicalAddress(address);
    const wanted = !spec.ipFamilies?.length || (family && spec.ipFamilies.includes(family));
    if (family && canonical && wanted && !byFamily.has(family)) byFamily.set(family, canonical);
  }
  return [...byFamily];
}

const ofFamily = (addresses: readonly string[], family: IPFamily): readonly string[] =>
  addresses.filter((address) => familyOf(address) === family);

function canonicalList(
  addresses: readonly string[],
  field: string,
  service: Service,
  problems: Problem[],
): readonly string[] {
  const canonical = new Set<string>();
  for (const [place, address] of addresses.entries()) {
    const text = canonicalAddress(address);
    if (text !== undefined) canonical.add(text);
    else problems.push(invalid(service, `${field}[${place}]`, address, 'an IP address'));
  }
  return [...canonical];
}

interface SourceRanges {
  readonly valid: readonly Cidr[];
  /** Some entry could not be read: nobody knows whom it was to let in. */
  readonly broken: boolean;
}

function readSourceRanges(service: Service, problems: Problem[]): SourceRanges {
  const valid: Cidr[] = [];
  const texts = service.spec?.loadBalancerSourceRanges ?? [];
  for (const [place, text] of texts.entries()) {
    const cidr = parseCidr(text);
    const field = `spec.loadBalancerSourceRanges[${place}]`;
    if (cidr) valid.push(cidr);
    else problems.push(invalid(service, field, text, 'a CIDR, as 192.0.2.0/24'));
  }
  return { valid, broken: valid.length < texts.length };
}

/** A filter that cannot be read must not become no filter: it fails closed. */
function rangesOf(family: IPFamily, { valid, broken }: SourceRanges): readonly string[] {
  const texts = valid.filter((cidr) => cidr.family === family).map((cidr) => cidr.text);
  return texts.length === 0 && broken ? [nobody[family]] : [...new Set(texts)];
}

function invalid(service: Service, field: string, value: string, instead: string): Problem {
  return {
    severity: 'error',
    reason: 'InvalidField',
    message: `"${value}" is not ${instead}; it is left out`,
    instead,
    object: serviceRef(service, field),
  };
}
