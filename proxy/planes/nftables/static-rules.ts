import { createHash } from 'node:crypto';
import { parseCidr } from '../../compile/index.ts';
import type { LocalDetector, NodePortAddresses } from '../kernel/index.ts';
import { type FamilyWords, protocols, protocolWords } from './family.ts';
import type { Chain, Element, NamedSet } from './objects.ts';
import type { Transaction } from './transaction.ts';

/** What decides the rules that do not depend on Services. */
export interface StaticOptions {
  readonly words: FamilyWords;
  readonly detector: LocalDetector;
  readonly masqueradeAll: boolean;
  readonly masqueradeBit: number;
  readonly nodePortAddresses: NodePortAddresses;
  readonly serviceCidrs: readonly string[];
}

/** A chain that the kernel enters by itself. */
export interface BaseChain extends Chain {
  /** `type … hook … priority …;` */
  readonly hook: string;
}

/** The part of the table that no Service changes. */
export interface StaticRules {
  readonly sets: readonly NamedSet[];
  readonly baseChains: readonly BaseChain[];
  readonly chains: readonly Chain[];
  /**
   * Name of an empty chain that says which static rules are in force. The first rule of `services`
   * jumps to it: so it cannot be deleted while the rules stand, which is how the canary knows.
   */
  readonly fingerprint: string;
}

/** Names of the maps and sets that Service ports fill. */
export const setNames = {
  services: 'services',
  nodePorts: 'nodeports',
  clusterPicks: 'cluster-picks',
  localPicks: 'local-picks',
  nodePortClusterPicks: 'nodeport-cluster-picks',
  nodePortLocalPicks: 'nodeport-local-picks',
  unserved: 'unserved',
  unservedNodePorts: 'unserved-nodeports',
  firewalls: 'firewalls',
  clusterIPs: 'cluster-ips',
  hairpins: 'hairpins',
  nodePortAddresses: 'nodeport-addresses',
} as const;

/** The data map from which a slot of a Service port is looked up. */
export function endpointsMap(
  scope: 'cluster' | 'local',
  at: 'address' | 'nodePort',
  protocol: 'tcp' | 'udp' | 'sctp',
): string {
  return `${at === 'nodePort' ? 'nodeport-' : ''}${scope === 'local' ? 'local-' : ''}endpoints-${protocol}`;
}

/** Lets a numgen or jhash result be part of a key; the modulus only gives the type its width. */
const slotType = 'numgen random mod 65536';

/** The sets and maps that Service ports fill; chains may have others. */
export function serviceSets({ ip, addressType }: FamilyWords): readonly NamedSet[] {
  const byAddress = `typeof ${ip} daddr . meta l4proto . th dport : verdict;`;
  const byPort = 'typeof meta l4proto . th dport : verdict;';
  const map = (name: string, definition: string): NamedSet => ({ name, kind: 'map', definition });
  const set = (name: string, definition: string): NamedSet => ({ name, kind: 'set', definition });
  const endpoints = protocols.flatMap((protocol) => {
    const { word } = protocolWords[protocol];
    // nft 1.0.6 wants the same protocol's port in key, data and rule: hence a map for each.
    const data = `${ip} daddr . ${word} dport;`;
    return (['cluster', 'local'] as const).flatMap((scope) => [
      map(
        endpointsMap(scope, 'address', word),
        `typeof ${ip} daddr . ${word} dport . ${slotType} : ${data}`,
      ),
      map(endpointsMap(scope, 'nodePort', word), `typeof ${word} dport . ${slotType} : ${data}`),
    ]);
  });
  return [
    map(setNames.services, byAddress),
    map(setNames.nodePorts, byPort),
    map(setNames.clusterPicks, byAddress),
    map(setNames.localPicks, byAddress),
    map(setNames.nodePortClusterPicks, byPort),
    map(setNames.nodePortLocalPicks, byPort),
    map(setNames.unserved, byAddress),
    map(setNames.unservedNodePorts, byPort),
    map(setNames.firewalls, byAddress),
    set(setNames.clusterIPs, `type ${addressType};`),
    set(setNames.hairpins, `typeof ${ip} saddr . ${ip} daddr;`),
    set(setNames.nodePortAddresses, `type ${addressType};`),
    ...endpoints,
  ];
}

/** Matches what does not come from a Pod of this node; undefined: nothing is known of Pods. */
export function notFromPod({
  words,
  detector,
}: Pick<StaticOptions, 'words' | 'detector'>): string | undefined {
  return sourceMatch(words, detector, '!= ');
}

function sourceMatch(
  { family, ip }: FamilyWords,
  detector: LocalDetector,
  operator: '' | '!= ',
): string | undefined {
  switch (detector.kind) {
    case 'none':
      return undefined;
    case 'cidrs': {
      const own = cidrsOf(family, detector.cidrs);
      return own.length === 0 ? undefined : `${ip} saddr ${operator}${oneOrSet(own)}`;
    }
    case 'bridge':
      return `iifname ${operator}"${detector.interfaceName}"`;
    case 'interfacePrefix':
      return `iifname ${operator}"${detector.prefix}*"`;
  }
}

/** The CIDRs of one family, canonical. */
export function cidrsOf(
  family: FamilyWords['family'],
  cidrs: readonly string[],
): readonly string[] {
  const parsed = cidrs.flatMap((text) => parseCidr(text) ?? []);
  return [...new Set(parsed.filter((one) => one.family === family).map(({ text }) => text))];
}

function oneOrSet(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] ?? '') : `{ ${texts.join(', ')} }`;
}

/** Matches packets to addresses that serve NodePorts. */
function toNodePortAddress({ words: { ip, loopback }, nodePortAddresses }: StaticOptions): string {
  if (nodePortAddresses.kind === 'all') return `fib daddr type local ${ip} daddr != ${loopback}`;
  return `${ip} daddr @${setNames.nodePortAddresses}`;
}

/** Everything that stands in the table of one family before the first Service. */
export function staticRules(options: StaticOptions): StaticRules {
  const { words, masqueradeBit, serviceCidrs } = options;
  const { ip, family } = words;
  const bit = `0x${(2 ** masqueradeBit).toString(16)}`;
  const address = `${ip} daddr . meta l4proto . th dport`;
  const nodePort = `meta l4proto . th dport`;
  const atNodePort = toNodePortAddress(options);
  const fromPod = sourceMatch(words, options.detector, '');
  const ranges = cidrsOf(family, serviceCidrs);
  const bySource = (name: string, key: string, cluster: string, local: string): Chain => ({
    name,
    rules: [
      ...(fromPod === undefined ? [] : [`${fromPod} ${key} vmap @${cluster}`]),
      `fib saddr type local meta mark set meta mark or ${bit} ${key} vmap @${cluster}`,
      `${key} vmap @${local}`,
    ],
  });
  const withoutFingerprint: Omit<StaticRules, 'fingerprint'> = {
    sets: serviceSets(words),
    baseChains: [
      hooked('filter-prerouting-pre-dnat', 'filter', 'prerouting', -110, [
        `ct state new ${address} vmap @${setNames.firewalls}`,
      ]),
      hooked('filter-output-pre-dnat', 'filter', 'output', -110, [
        `ct state new ${address} vmap @${setNames.firewalls}`,
      ]),
      hooked('nat-prerouting', 'nat', 'prerouting', -100, ['jump services']),
      hooked('nat-output', 'nat', 'output', -100, ['jump services']),
      hooked('nat-postrouting', 'nat', 'postrouting', 100, [
        `meta mark & ${bit} != 0 goto masquerade-marked`,
        `ct status dnat ${ip} saddr . ${ip} daddr @${setNames.hairpins} masquerade fully-random`,
      ]),
      // At priority 0 whatever is served has been rewritten: only the rest still has our addresses.
      hooked('filter-input', 'filter', 'input', 0, [
        `ct state new ${atNodePort} ${nodePort} vmap @${setNames.unservedNodePorts}`,
        `ct state new ${address} vmap @${setNames.unserved}`,
      ]),
      hooked('filter-forward', 'filter', 'forward', 0, ['ct state new jump unserved-check']),
      hooked('filter-output', 'filter', 'output', 0, ['ct state new jump unserved-check']),
    ],
    chains: [
      {
        name: 'services',
        rules: [
          `${address} vmap @${setNames.services}`,
          `${atNodePort} ${nodePort} vmap @${setNames.nodePorts}`,
        ],
      },
      {
        name: 'unserved-check',
        rules: [
          `${address} vmap @${setNames.unserved}`,
          `${ip} daddr @${setNames.clusterIPs} reject`,
          ...(ranges.length > 0 ? [`${ip} daddr ${oneOrSet(ranges)} drop`] : []),
        ],
      },
      {
        name: 'masquerade-marked',
        rules: [`meta mark set meta mark xor ${bit}`, 'masquerade fully-random'],
      },
      // `reject` is a statement and no verdict, so maps cannot hold it.
      { name: 'reject-it', rules: ['reject'] },
      bySource('external-local', address, setNames.clusterPicks, setNames.localPicks),
      bySource(
        'nodeport-external-local',
        nodePort,
        setNames.nodePortClusterPicks,
        setNames.nodePortLocalPicks,
      ),
    ],
  };
  return withFingerprint(withoutFingerprint);
}

function hooked(
  name: string,
  type: 'filter' | 'nat',
  hook: string,
  priority: number,
  rules: readonly string[],
): BaseChain {
  return { name, hook: `type ${type} hook ${hook} priority ${priority};`, rules };
}

function withFingerprint(rules: Omit<StaticRules, 'fingerprint'>): StaticRules {
  const digest = createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 12);
  const fingerprint = `static-${digest}`;
  const chains = rules.chains.map((chain) =>
    chain.name === 'services'
      ? { ...chain, rules: [`jump ${fingerprint}`, ...chain.rules] }
      : chain,
  );
  return { ...rules, chains, fingerprint };
}

/** The elements of `nodeport-addresses`: which of the node's own addresses serve NodePorts. */
export function nodePortElements(addresses: readonly string[]): readonly Element[] {
  return addresses.map((key) => ({ set: setNames.nodePortAddresses, key, value: '' }));
}

/** Writes the table itself and everything static in it. */
export function putStatic(rules: StaticRules, transaction: Transaction): void {
  transaction.addTable();
  for (const set of rules.sets) transaction.addSet(set);
  transaction.putChain({ name: rules.fingerprint, rules: [] });
  for (const chain of rules.chains) transaction.putChain(chain);
  for (const chain of rules.baseChains) transaction.putBaseChain(chain);
}
