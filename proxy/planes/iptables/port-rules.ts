import { createHash } from 'node:crypto';
import { targetId } from '../../balancer/index.ts';
import { parseCidr } from '../../compile/index.ts';
import type { Endpoint, ServicePort } from '../../compile/table.ts';
import {
  endpointsOf,
  hashedSlots,
  type Route,
  routesOf,
  type Scope,
  usable,
} from '../kernel/index.ts';
import { type ChainNames, hostCidr, type RuleOptions } from './chain-names.ts';
import { fromPod } from './detector-match.ts';
import type { Dispatch } from './dispatch.ts';
import { slotsPerWord, sourceSlotIn } from './packet-programs.ts';
import type { SharedChain, SharedRule } from './shared-chains.ts';

/** Everything that one Service port puts into the tables of its family. Rules are without `-A`. */
export interface PortRules {
  /** Chains of its own in `nat`. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  readonly shared: readonly SharedRule[];
  /** Of everything above: equal digests, equal rules. */
  readonly digest: string;
}

/** Where a Service port's rules go. */
export interface RuleContext {
  readonly names: ChainNames;
  readonly dispatch: Dispatch;
  readonly options: RuleOptions;
}

/** Translates one Service port. Pure: the same port makes the same rules. */
export function portRules(port: ServicePort, context: RuleContext): PortRules {
  return new Translation(port, context).rules();
}

class Translation {
  readonly #port: ServicePort;
  readonly #names: ChainNames;
  readonly #dispatch: Dispatch;
  readonly #options: RuleOptions;
  readonly #chains = new Map<string, readonly string[]>();
  readonly #shared: SharedRule[] = [];

  constructor(port: ServicePort, { names, dispatch, options }: RuleContext) {
    this.#port = port;
    this.#names = names;
    this.#dispatch = dispatch;
    this.#options = options;
  }

  rules(): PortRules {
    const { key, healthCheckNodePort } = this.#port;
    for (const route of routesOf(this.#port)) this.#route(route);
    if (healthCheckNodePort !== 0) {
      const rule = `-p tcp -m tcp --dport ${healthCheckNodePort} -j ACCEPT`;
      this.#put(this.#dispatch.healthChecks, rule);
    }
    const hash = createHash('sha256').update(key);
    for (const [name, rules] of this.#chains) hash.update(`${name}\n${rules.join('\n')}\n`);
    for (const { chain, rule } of this.#shared) hash.update(`${chain.name} ${rule}\n`);
    const digest = hash.digest('hex').slice(0, 32);
    return { chains: this.#chains, shared: this.#shared, digest };
  }

  #route(route: Route): void {
    const { verdict, destination, role } = route;
    const match = this.#match(route);
    if (verdict.kind === 'reject') this.#refuse(route, match, 'REJECT');
    else if (verdict.kind === 'drop') this.#refuse(route, match, 'DROP');
    if (verdict.kind === 'reject' || verdict.kind === 'drop') return;
    if (verdict.kind === 'bySource' && !verdict.hasLocal) this.#refuse(route, match, 'DROP');
    if (destination.kind === 'address' && role === 'clusterIP') {
      const scope = verdict.kind === 'forward' ? verdict.scope : 'cluster';
      this.#put(this.#dispatch.clusterIP(destination.address), `${match} -j ${this.#pick(scope)}`);
      return;
    }
    const external = this.#external(route);
    const filtered = role === 'loadBalancerIP' ? this.#filtered(match, external) : undefined;
    const chain =
      destination.kind === 'address'
        ? this.#dispatch.external(destination.address)
        : this.#dispatch.nodePort(this.#port.protocol, destination.port);
    this.#put(chain, `${match} -j ${filtered ?? external}`);
  }

  #refuse({ destination }: Route, match: string, target: 'REJECT' | 'DROP'): void {
    if (destination.kind === 'address') {
      this.#put(this.#dispatch.refused(destination.address), `${match} -j ${target}`);
    } else {
      this.#put(this.#dispatch.unserved, `${match} -m addrtype --dst-type LOCAL -j ${target}`);
    }
  }

  #match({ destination }: Route): string {
    const protocol = this.#port.protocol.toLowerCase();
    const to = destination.kind === 'address' ? `-d ${hostCidr(destination.address)} ` : '';
    return `${to}-p ${protocol} -m ${protocol} --dport ${destination.port}`;
  }

  #external({ verdict }: Route): string {
    const chain = this.#names.of('EXT', this.#port.key);
    if (this.#chains.has(chain)) return chain;
    const pick = this.#pick('cluster');
    const mark = this.#names.markMasquerade;
    if (verdict.kind !== 'bySource') {
      this.#chains.set(chain, [`-j ${mark}`, `-j ${pick}`]);
      return chain;
    }
    const pod = fromPod(this.#options.detector, this.#port.family);
    this.#chains.set(chain, [
      ...(pod === undefined ? [] : [`${pod} -j ${pick}`]),
      `-m addrtype --src-type LOCAL -j ${mark}`,
      `-m addrtype --src-type LOCAL -j ${pick}`,
      ...(verdict.hasLocal ? [`-j ${this.#pick('local')}`] : []),
    ]);
    return chain;
  }

  /** Sources inside the ranges go on; others stay unserved, and `filter` drops them. */
  #filtered(match: string, external: string): string | undefined {
    const { family, loadBalancerSourceRanges, loadBalancerIPs } = this.#port;
    const ranges = loadBalancerSourceRanges
      .flatMap((text) => parseCidr(text) ?? [])
      .filter((one) => one.family === family);
    const sources = this.#options.sourceFilter(ranges, loadBalancerIPs);
    if (sources === undefined) return undefined;
    const chain = this.#names.of('FW', this.#port.key);
    this.#chains.set(
      chain,
      sources.map((source) => `-s ${hostCidr(source)} -j ${external}`),
    );
    this.#put(this.#dispatch.firewall, `${match} -j DROP`);
    return chain;
  }

  /** Chooses an endpoint of the scope; the chain is made when first asked for. */
  #pick(scope: Scope): string {
    const chain = this.#names.of(scope === 'local' ? 'SVL' : 'SVC', this.#port.key);
    if (this.#chains.has(chain)) return chain;
    const { affinity, algorithm } = this.#port;
    const candidates = usable(endpointsOf(this.#port, scope));
    if (affinity.kind === 'ClientIP') {
      this.#chains.set(chain, this.#remembering(candidates, affinity.timeoutSec));
    } else if (algorithm === 'ip_hash' && candidates.length > 1) {
      this.#chains.set(chain, this.#hashing(chain, candidates));
    } else {
      const rules = candidates.map(
        (one, place) => `${this.#share(candidates, place)}${this.#rewrite(one)}`,
      );
      this.#chains.set(chain, rules);
    }
    return chain;
  }

  /** ClientIP affinity: a list of clients for each endpoint, asked before one is chosen anew. */
  #remembering(candidates: readonly Endpoint[], seconds: number): readonly string[] {
    const targets = candidates.map((one) => {
      const chain = this.#names.of('SEP', `${this.#port.key} ${targetId(one.address, one.port)}`);
      this.#chains.set(chain, [`-m recent --name ${chain} --set ${this.#rewrite(one)}`]);
      return chain;
    });
    return [
      ...targets.map(
        (sep) => `-m recent --name ${sep} --rcheck --seconds ${seconds} --reap -j ${sep}`,
      ),
      ...targets.map((sep, place) => `${this.#share(candidates, place)}-j ${sep}`),
    ];
  }

  /** `ip_hash`: the upper bits of the source's hash choose a chain, the lower ones its endpoint. */
  #hashing(chain: string, candidates: readonly Endpoint[]): readonly string[] {
    const slots = hashedSlots(candidates);
    const { family } = this.#port;
    const groups = Array.from({ length: slots.length / slotsPerWord }, (_, group) => group);
    return groups.map((group) => {
      const name = this.#names.of('SLT', `${chain} ${group}`);
      const masks = new Map<Endpoint, number>();
      for (let bit = 0; bit < slotsPerWord; bit += 1) {
        const endpoint = slots[group * slotsPerWord + bit];
        if (endpoint) masks.set(endpoint, (masks.get(endpoint) ?? 0) | (1 << bit));
      }
      const rules = [...masks].map(
        ([endpoint, mask]) => `${sourceSlotIn(family, mask, false)} ${this.#rewrite(endpoint)}`,
      );
      this.#chains.set(name, rules);
      return `${sourceSlotIn(family, 1 << group, true)} -j ${name}`;
    });
  }

  /** What makes rule `place` take its share of what the rules before it left. */
  #share(candidates: readonly Endpoint[], place: number): string {
    const left = candidates.slice(place);
    if (left.length === 1) return '';
    if (this.#port.algorithm === 'round-robin') {
      return `-m statistic --mode nth --every ${left.length} --packet 0 `;
    }
    const weight = (one: Endpoint | undefined): number => Math.max(1, one?.weight ?? 1);
    const total = left.reduce((sum, one) => sum + weight(one), 0);
    // Ten decimals: with five, Services of 319 endpoints were skewed (kubernetes #83599).
    const probability = (weight(left[0]) / total).toFixed(10);
    return `-m statistic --mode random --probability ${probability} `;
  }

  #rewrite({ address, port }: Endpoint): string {
    const protocol = this.#port.protocol.toLowerCase();
    return `-p ${protocol} -j DNAT --to-destination ${targetId(address, port)}`;
  }

  #put(chain: SharedChain, rule: string): void {
    this.#shared.push({ chain, rule });
  }
}
