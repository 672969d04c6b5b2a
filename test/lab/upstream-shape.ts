import { createHash } from 'node:crypto';
import type { ServicePort } from '../../proxy/compile/table.ts';

/*
 * The rules that kube-proxy writes for ClusterIP Services, by the description of its chains: what
 * the planes are measured against. TCP and IPv4 alone; every object that costs time is there.
 */

/** One nftables transaction: a chain for each Service and each endpoint. */
export function upstreamNft(ports: readonly ServicePort[]): string {
  const table = 'ip kube-proxy';
  const lines = [
    `add table ${table}`,
    `add map ${table} service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }`,
    `add set ${table} cluster-ips { type ipv4_addr; }`,
    `add chain ${table} mark-for-masquerade`,
    `add rule ${table} mark-for-masquerade mark set mark or 0x4000`,
    `add chain ${table} services`,
    `add rule ${table} services ip daddr . meta l4proto . th dport vmap @service-ips`,
    `add chain ${table} nat-prerouting { type nat hook prerouting priority -100; }`,
    `add rule ${table} nat-prerouting jump services`,
  ];
  const rules: string[] = [];
  const elements: string[] = [];
  for (const [place, { name, clusterIP = '', port, clusterEndpoints }] of ports.entries()) {
    const service = `service-${hashed(place)}-default/${name}/tcp/`;
    const chains = clusterEndpoints.map(
      (one, slot) =>
        `endpoint-${hashed(place * 64 + slot)}-default/${name}/tcp/__${one.address}/${one.port}`,
    );
    for (const chain of [service, ...chains]) lines.push(`add chain ${table} ${chain}`);
    const slots = chains.map((chain, slot) => `${slot} : goto ${chain}`).join(', ');
    rules.push(
      `add rule ${table} ${service} ip daddr ${clusterIP} ip saddr != 10.244.0.0/16 jump mark-for-masquerade`,
      `add rule ${table} ${service} numgen random mod ${chains.length} vmap { ${slots} }`,
    );
    for (const [slot, chain] of chains.entries()) {
      const target = clusterEndpoints[slot];
      rules.push(
        `add rule ${table} ${chain} ip saddr ${target?.address} jump mark-for-masquerade`,
        `add rule ${table} ${chain} meta l4proto tcp dnat to ${target?.address}:${target?.port}`,
      );
    }
    elements.push(
      `add element ${table} cluster-ips { ${clusterIP} }`,
      `add element ${table} service-ips { ${clusterIP} . tcp . ${port} : goto ${service} }`,
    );
  }
  return `${[...lines, ...rules, ...elements].join('\n')}\n`;
}

/** One `iptables-restore --noflush` of `nat`. */
export function upstreamIptables(ports: readonly ServicePort[]): string {
  const chains = [':KUBE-SERVICES - [0:0]', ':KUBE-MARK-MASQ - [0:0]'];
  const rules = ['-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000'];
  for (const [place, { name, clusterIP = '', port, clusterEndpoints }] of ports.entries()) {
    const service = `KUBE-SVC-${hashed(place).padEnd(16, 'A')}`;
    const comment = `-m comment --comment "default/${name}"`;
    const at = `-m tcp -p tcp -d ${clusterIP} --dport ${port}`;
    chains.push(`:${service} - [0:0]`);
    rules.push(
      `-A KUBE-SERVICES ${comment} ${at} -j ${service}`,
      `-A ${service} ${comment} ${at} ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ`,
    );
    for (const [slot, { address, port: target }] of clusterEndpoints.entries()) {
      const endpoint = `KUBE-SEP-${hashed(place * 64 + slot).padEnd(16, 'A')}`;
      const left = clusterEndpoints.length - slot;
      const share = `-m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
      chains.push(`:${endpoint} - [0:0]`);
      rules.push(
        `-A ${service} ${comment} ${left > 1 ? share : ''} -j ${endpoint}`,
        `-A ${endpoint} ${comment} -s ${address} -j KUBE-MARK-MASQ`,
        `-A ${endpoint} ${comment} -m tcp -p tcp -j DNAT --to-destination ${address}:${target}`,
      );
    }
  }
  return ['*nat', ...chains, ...rules, 'COMMIT', ''].join('\n');
}

/** Upstream's names are hashes: iptables-nft takes longer for names in no order. */
const hashed = (place: number): string =>
  createHash('sha256').update(String(place)).digest('hex').slice(0, 8).toUpperCase();
