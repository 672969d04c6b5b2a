import { isIPv4, isIPv6 } from 'node:net';
import type { IPFamily } from '../../controller/objects/index.ts';
import { accept, listOf, type OptionType, type Parsed, refuse } from './option-type.ts';

/** A range of addresses in CIDR notation (RFC 4632; RFC 4291 §2.3). */
export interface Cidr {
  /** As the user wrote it. */
  readonly text: string;
  readonly family: IPFamily;
  readonly prefixLength: number;
}

const example = '10.96.0.0/16, or one IPv4 and one IPv6 range: 10.96.0.0/16,fd00:10:96::/112';

/** Reads one range. The bits behind the prefix are not checked: kube-apiserver masks them too. */
function parseCidr(text: string): Parsed<Cidr> {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = isIPv4(address) ? 'IPv4' : isIPv6(address) ? 'IPv6' : undefined;
  if (family === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) {
    return refuse(text, 'is no range of addresses', example);
  }
  const prefixLength = Number(length);
  const bits = family === 'IPv4' ? 32 : 128;
  if (prefixLength > bits) return refuse(text, `has a prefix longer than ${bits} bits`, example);
  return accept({ text, family, prefixLength });
}

const cidrList = listOf('CIDR[,CIDR]', parseCidr, 'split');

/** One range, or two of different families: the shape of `--service-cluster-ip-range` upstream. */
export const serviceCidrs: OptionType<readonly Cidr[]> = {
  ...cidrList,
  parse(texts) {
    const parsed = cidrList.parse(texts);
    if (parsed.kind === 'refused') return parsed;
    const families = new Set(parsed.value.map((cidr) => cidr.family));
    if (families.size === parsed.value.length) return parsed;
    return refuse(texts.join(','), 'has two ranges of one family', example);
  },
};
