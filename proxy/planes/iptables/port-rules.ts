import { createHash } from 'node:crypto';
import { targetId } from '../../balancer/index.ts';
import { parseCidr } from '../../compile/index.ts';
import type { Endpoint, ServicePort } from '../../compile/table.ts';
import { endpointsOf, type Route, routesOf, type Scope, usable } from '../kernel/index.ts';
import { type ChainNames, hostCidr, type RuleOptions } from './chain-names.ts';
import { notFromPod, fromPod } from './detector-match.ts';

/** Everything that one Service port puts into the tables of its family. Rules are without `-A`. */
export interface PortRules {
  /** Chains of its own in `nat`. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Rules in chains that all Service ports share. */
  readonly services: readonly string[];
  readonly nodePorts: readonly string[];
  readonly unserved: readonly string[];
  readonly firewall: readonly string[];
  /** `filter` rules that let health checks in. */
  readonly healthChecks: readonly string[];
  /** Of everything above: equal digests, equal rules. */
  readonly digest: string;
}

/** How long `ip_hash` remembers a client: kube-proxy's default affinity. Seconds. */
const hashMemorySec = 10_800;

/** Translates one Service port. Pure: the same port makes the same rules. */
export function portRules(port: ServicePort, names: ChainNames, options: RuleOptions): PortRules {
  return new Translation(port, names, options).rules();
}

class Translation {
  readonly #port: ServicePort;
  readonly #names: ChainNames;
  readonly #options: RuleOptions;
  readonly #chains = new Map<string, readonly string[]>();
  readonly #services: string[] = [];
  readonly #nodePorts: string[] = [];
  readonly #unserved: string[] = [];
  readonly #firewall: string[] = [];

  constructor(port: ServicePort, names: ChainNames, options: RuleOptions) {
    this.#port = port;
    this.#names = names;
    this.#options = options;
  }

  rules(): PortRules {
    for (const route of routesOf(this.#port)) this.#route(route);
    const { healthCheckNodePort } = this.#port;
    const healthChecks =
      healthCheckNodePort === 0 ? [] : [`-p tcp -m tcp --dport ${healthCheckNodePort} -j ACCEPT`];
    const rules = {
      chains: this.#chains,
      services: this.#services,
      nodePorts: this.#nodePorts,
      unserved: this.#unserved,
      firewall: this.#firewall,
      healthChecks,
    };
    const text = JSON.stringify({ ...rules, chains: [...this.#chains] });
    return { ...rules, digest: createHash('sha256').update(text).digest('hex').slice(0, 24) };
  }

  #route(route: Route): void {
    const { verdict, destination } = route;
    const match = this.#match(route);
    const dispatch = destination.kind === 'nodePort' ? this.#nodePorts : this.#services;
    const isUnserved =
      verdict.kind === 'reject' ||
      verdict.kind === 'drop' ||
      (verdict.kind === 'bySource' && !verdict.hasLocal);
    if (isUnserved) {
      const local = destination.kind === 'nodePort' ? ' -m addrtype --dst-type LOCAL' : '';
      const target = verdict.kind === 'reject' ? 'REJECT' : 'DROP';
      this.#unserved.push(`${match}${local} -j ${target}`);
    }
    if (verdict.kind === 'reject' || verdict.kind === 'drop') return;
    if (verdict.kind === 'forward' && verdict.masquerade === 'unlessPod') {
      dispatch.push(`${match} -j ${this.#internal(match, verdict.scope)}`);
      return;
    }
    const external = this.#external(route);
    const filtered = route.role === 'loadBalancerIP' ? this.#filtered(match, external) : undefined;
    dispatch.push(`${match} -j ${filtered ?? external}`);
  }

  #match({ destination }: Route): string {
    const protocol = this.#port.protocol.toLowerCase();
    const to = destination.kind === 'address' ? `-d ${hostCidr(destination.address)} ` : '';
    return `${to}-p ${protocol} -m ${protocol} --dport ${destination.port}`;
  }

  /** ClusterIP traffic: marked if it needs it, then balanced. */
  #internal(match: string, scope: Scope): string {
    const { masqueradeAll, detector } = this.#options;
    const condition = masqueradeAll ? '' : notFromPod(detector, this.#port.family);
    const pick = this.#pick(scope);
    if (condition === undefined) return pick;
    const chain = this.#names.of('INT', this.#port.key);
    this.#chains.set(chain, [
      `${match}${condition} -j ${this.#names.markMasquerade}`,
      `-j ${pick}`,
    ]);
    return chain;
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
    this.#firewall.push(`${match} -j DROP`);
    return chain;
  }

  /** Chooses an endpoint of the scope; the chain is made when first asked for. */
  #pick(scope: Scope): string {
    const chain = this.#names.of(scope === 'local' ? 'SVL' : 'SVC', this.#port.key);
    if (this.#chains.has(chain)) return chain;
    const candidates = usable(endpointsOf(this.#port, scope));
    const seconds = this.#memorySec();
    const targets = candidates.map((endpoint) => this.#endpoint(endpoint));
    const remembered =
      seconds === undefined
        ? []
        : targets.map(
            (sep) => `-m recent --name ${sep} --rcheck --seconds ${seconds} --reap -j ${sep}`,
          );
    this.#chains.set(chain, [
      ...remembered,
      ...targets.map((target, place) => `${this.#share(candidates, place)}-j ${target}`),
    ]);
    return chain;
  }

  /** xt_recent is the only memory that iptables has: `ip_hash` makes do with it. */
  #memorySec(): number | undefined {
    const { affinity, algorithm } = this.#port;
    if (affinity.kind === 'ClientIP') return affinity.timeoutSec;
    return algorithm === 'ip_hash' ? hashMemorySec : undefined;
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

  #endpoint({ address, port }: Endpoint): string {
    const id = targetId(address, port);
    const chain = this.#names.of('SEP', `${this.#port.key} ${id}`);
    const protocol = this.#port.protocol.toLowerCase();
    const remember = this.#memorySec() === undefined ? '' : `-m recent --name ${chain} --set `;
    this.#chains.set(chain, [
      `-s ${hostCidr(address)} -j ${this.#names.markMasquerade}`,
      `${remember}-p ${protocol} -m ${protocol} -j DNAT --to-destination ${id}`,
    ]);
    return chain;
  }
}
