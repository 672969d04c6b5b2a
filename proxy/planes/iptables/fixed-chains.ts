import type { IPFamily } from '../../../controller/objects/index.ts';
import type { NodePortAddresses } from '../kernel/index.ts';
import { type ChainNames, hostCidr } from './chain-names.ts';
import { toItself } from './packet-programs.ts';
import type { TableName } from './shared-chains.ts';

type Rules = readonly string[];

/** The mark that asks for masquerading, as iptables writes it. */
export function markText(masqueradeBit: number): string {
  return `0x${(2 ** masqueradeBit).toString(16)}`;
}

/** Chains whose rules no Service changes, by table. `mark`: as `0x4000`. */
export function fixedChains(
  names: ChainNames,
  mark: string,
  family: IPFamily,
): Readonly<Record<TableName, ReadonlyMap<string, Rules>>> {
  return {
    filter: new Map([[names.forward, forwardRules(mark)]]),
    nat: new Map([
      [names.markMasquerade, [`-j MARK --set-xmark ${mark}/${mark}`]],
      [names.postrouting, postroutingRules(mark, family)],
    ]),
  };
}

/** Un-NATed packets of flows that conntrack lost would make clients reset (kubernetes #74839). */
function forwardRules(mark: string): Rules {
  return [
    '-m conntrack --ctstate INVALID -j DROP',
    `-m mark --mark ${mark}/${mark} -j ACCEPT`,
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ];
}

/**
 * A Pod that was sent to itself is masqueraded, or it would answer itself behind our back: one
 * rule, where upstream has one for each endpoint. The mark is cleared, so that a packet in a
 * tunnel is not masqueraded again outside of it.
 */
function postroutingRules(mark: string, family: IPFamily): Rules {
  return [
    `-m conntrack --ctstate DNAT ${toItself(family)} -j MASQUERADE --random-fully`,
    `-m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-j MARK --xor-mark ${mark}`,
    '-j MASQUERADE --random-fully',
  ];
}

/** Rules that lead to NodePorts, one for each address that serves them unless all do. */
export function toNodePorts(
  names: ChainNames,
  family: IPFamily,
  wanted: NodePortAddresses,
  accepted: readonly string[],
): Rules {
  if (wanted.kind !== 'all') {
    return accepted.map((address) => `-d ${hostCidr(address)} -j ${names.nodePorts}`);
  }
  const loopback = family === 'IPv6' ? '::1/128' : '127.0.0.0/8';
  return [`! -d ${loopback} -m addrtype --dst-type LOCAL -j ${names.nodePorts}`];
}
