import type { IPFamily, Protocol } from '../../../controller/objects/index.ts';

/** How nft speaks of one address family. */
export interface FamilyWords {
  readonly family: IPFamily;
  /** Table family and expression keyword. */
  readonly ip: 'ip' | 'ip6';
  readonly addressType: 'ipv4_addr' | 'ipv6_addr';
  readonly loopback: string;
}

export const wordsOf: Readonly<Record<IPFamily, FamilyWords>> = {
  IPv4: { family: 'IPv4', ip: 'ip', addressType: 'ipv4_addr', loopback: '127.0.0.0/8' },
  IPv6: { family: 'IPv6', ip: 'ip6', addressType: 'ipv6_addr', loopback: '::1' },
};

/** As nft writes protocols: a word in rules, the IANA number in elements listed with `-nn`. */
export const protocolWords: Readonly<
  Record<Protocol, { readonly word: 'tcp' | 'udp' | 'sctp'; readonly number: string }>
> = {
  TCP: { word: 'tcp', number: '6' },
  UDP: { word: 'udp', number: '17' },
  SCTP: { word: 'sctp', number: '132' },
};

/** In the order in which objects are written. */
export const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
