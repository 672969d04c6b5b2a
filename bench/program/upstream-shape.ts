import { createHash } from 'node:crypto';
import { type ClusterSize, clusterIPOf, endpointOf, livePort, servicePort } from './cluster.ts';

/*
 * The rules that kube-proxy writes for ClusterIP Services, by the description of its chains: what
 * the planes are measured against. TCP and IPv4 alone; every object that costs time is there.
 */

interface UpstreamService {
  readonly name: string;
  readonly clusterIP: string;
  readonly port: number;
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
}

function* servicesOf(size: ClusterSize): Generator<UpstreamService> {
  for (let service = 0; service < size.services; service += 1) {
    yield {
      name: `service-${service}`,
      clusterIP: clusterIPOf(service),
      port: servicePort,
      endpoints: Array.from({ length: size.endpoints }, (_, slot) => ({
        address: endpointOf(service, slot, 0),
        port: livePort,
      })),
    };
  }
}

/** One nftables transaction: a chain for each Service and each endpoint. */
export function upstreamNft(size: ClusterSize): string {
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
  for (const [place, { name, clusterIP, port, endpoints }] of [...servicesOf(size)].entries()) {
    const service = `service-${hashed(place)}-default/${name}/tcp/`;
    const chains = endpoints.map(
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
      const target = endpoints[slot];
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
export function upstreamIptables(size: ClusterSize): string {
  const chains = [':KUBE-SERVICES - [0:0]', ':KUBE-MARK-MASQ - [0:0]'];
  const rules = ['-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000'];
  for (const [place, { name, clusterIP, port, endpoints }] of [...servicesOf(size)].entries()) {
    const service = `KUBE-SVC-${hashed(place).padEnd(16, 'A')}`;
    const comment = `-m comment --comment "default/${name}"`;
    const at = `-m tcp -p tcp -d ${clusterIP} --dport ${port}`;
    chains.push(`:${service} - [0:0]`);
    rules.push(
      `-A KUBE-SERVICES ${comment} ${at} -j ${service}`,
      `-A ${service} ${comment} ${at} ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ`,
    );
    for (const [slot, { address, port: target }] of endpoints.entries()) {
      const endpoint = `KUBE-SEP-${hashed(place * 64 + slot).padEnd(16, 'A')}`;
      const left = endpoints.length - slot;
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
