import type { IPFamily } from '../../objects/index.ts';

/** The multicast groups of VRRP: RFC 9568 §5.1.1.2 and §5.1.2.2. */
export const vrrpGroup: Readonly<Record<IPFamily, string>> = {
  IPv4: '224.0.0.18',
  IPv6: 'ff02::12',
};
