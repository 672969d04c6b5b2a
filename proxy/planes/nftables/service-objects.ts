import { createHash } from 'node:crypto';
import type { Endpoint, ServicePort } from '../../compile/table.ts';
import { targetId } from '../../balancer/index.ts';
import { parseCidr } from '../../compile/index.ts';
import {
  endpointsOf,
  hashedSlots,
  hashSlots,
  type Route,
  routesOf,
  type Scope,
  sourceFilter,
  usable,
  weightedSlots,
} from '../kernel/index.ts';
import { type FamilyWords, protocolWords, wordsOf } from './family.ts';
import type { Chain, Element, NamedSet, ServiceObjects } from './objects.ts';
import { endpointsMap, notFromPod, setNames, type StaticOptions } from './static-rules.ts';

/** Options that decide what a Service port becomes. */
export type ServiceOptions = Omit<StaticOptions, 'words'> & {
  /** Primary addresses of this node, of either family. */
  readonly nodeAddresses: readonly string[];
};

/** How one of a scope's endpoints is picked: a chain, and what the chain needs to know. */
interface Picker {
  readonly chain: string;
  /** What the picking chain looks slots up from; empty if it knows them itself. */
  readonly slots: readonly Endpoint[];
}

/** Translates one Service port. Pure: the same port makes the same objects. */
export function serviceObjects(port: ServicePort, options: ServiceOptions): ServiceObjects {
  return new Translation(port, options).objects();
}

class Translation {
  readonly #port: ServicePort;
  readonly #options: ServiceOptions;
  readonly #words: FamilyWords;
  readonly #bit: string;
  readonly #elements: Element[] = [];
  readonly #chains = new Map<string, Chain>();
  readonly #sets = new Map<string, NamedSet>();

  constructor(port: ServicePort, options: ServiceOptions) {
    this.#port = port;
    this.#options = options;
    this.#words = wordsOf[port.family];
    this.#bit = `0x${(2 ** options.masqueradeBit).toString(16)}`;
  }

  objects(): ServiceObjects {
    const { clusterIP, clusterEndpoints, localEndpoints } = this.#port;
    for (const route of routesOf(this.#port)) this.#route(route);
    if (clusterIP !== undefined) this.#add(setNames.clusterIPs, clusterIP);
    const addresses = [...clusterEndpoints, ...localEndpoints].map(({ address }) => address);
    for (const address of new Set(addresses)) {
      this.#add(setNames.hairpins, `${address} . ${address}`);
    }
    return {
      elements: this.#elements,
      chains: [...this.#chains.values()],
      sets: [...this.#sets.values()],
    };
  }

  #route(route: Route): void {
    const { verdict, destination } = route;
    const atNodePort = destination.kind === 'nodePort';
    const key = this.#key(route);
    const unserved = atNodePort ? setNames.unservedNodePorts : setNames.unserved;
    const dispatch = atNodePort ? setNames.nodePorts : setNames.services;
    if (route.role === 'loadBalancerIP') this.#filterSources(key);
    switch (verdict.kind) {
      case 'reject':
        this.#add(unserved, key, 'goto reject-it');
        break;
      case 'drop':
        this.#add(unserved, key, 'drop');
        break;
      case 'forward': {
        const pick = this.#pick(route, verdict.scope);
        const masquerade = this.#masquerade(verdict.masquerade);
        this.#add(dispatch, key, `goto ${masquerade ? this.#masqueraded(masquerade, pick) : pick}`);
        break;
      }
      case 'bySource': {
        this.#add(dispatch, key, `goto ${atNodePort ? 'nodeport-' : ''}external-local`);
        const cluster = atNodePort ? setNames.nodePortClusterPicks : setNames.clusterPicks;
        this.#add(cluster, key, `goto ${this.#pick(route, 'cluster')}`);
        const local = atNodePort ? setNames.nodePortLocalPicks : setNames.localPicks;
        if (verdict.hasLocal) this.#add(local, key, `goto ${this.#pick(route, 'local')}`);
        // Whoever may go elsewhere has been rewritten by then: this drops the others.
        else this.#add(unserved, key, 'drop');
        break;
      }
    }
  }

  /** Packets to `key` from outside the ranges are dropped before anything else. */
  #filterSources(key: string): void {
    const { family, loadBalancerIPs, loadBalancerSourceRanges } = this.#port;
    const ranges = sourceFilter(
      loadBalancerSourceRanges
        .flatMap((text) => parseCidr(text) ?? [])
        .filter((one) => one.family === family),
      loadBalancerIPs,
      this.#options.nodeAddresses,
    );
    if (ranges === undefined) return;
    const rule = `${this.#words.ip} saddr != { ${ranges.join(', ')} } drop`;
    this.#add(setNames.firewalls, key, `goto ${this.#contentChain('firewall', [rule])}`);
  }

  /** Which packets the destination's masquerading mode marks: '' all, undefined none. */
  #masquerade(
    mode: 'always' | 'unlessPod',
  ): { readonly name: string; readonly match: string } | undefined {
    if (mode === 'always') return { name: 'external', match: '' };
    if (this.#options.masqueradeAll) return { name: 'masqueraded', match: '' };
    const match = notFromPod({ ...this.#options, words: this.#words });
    return match === undefined ? undefined : { name: 'internal', match: `${match} ` };
  }

  /** A chain, shared by all Service ports that pick alike, that marks before it picks. */
  #masqueraded({ name, match }: { name: string; match: string }, pick: string): string {
    const rules = [`${match}meta mark set meta mark or ${this.#bit}`, `goto ${pick}`];
    return this.#chain({ name: `${name}-${pick}`, rules });
  }

  #pick(route: Route, scope: Scope): string {
    const picker = this.#picker(scope);
    const { word } = protocolWords[this.#port.protocol];
    const set = endpointsMap(
      scope === 'local' && route.verdict.kind === 'bySource' ? 'local' : 'cluster',
      route.destination.kind,
      word,
    );
    const prefix = route.destination.kind === 'address' ? `${route.destination.address} . ` : '';
    for (const [slot, { address, port }] of picker.slots.entries()) {
      this.#add(set, `${prefix}${route.destination.port} . ${slot}`, `${address} . ${port}`);
    }
    return picker.slots.length === 0
      ? picker.chain
      : this.#flatPick(set, prefix !== '', picker.slots.length);
  }

  /** One chain for all Service ports with as many slots; the key says which port it is. */
  #flatPick(set: string, byAddress: boolean, count: number): string {
    const { ip } = this.#words;
    const { word } = protocolWords[this.#port.protocol];
    const key = `${byAddress ? `${ip} daddr . ` : ''}${word} dport . numgen random mod ${count}`;
    const rule = `meta l4proto ${word} dnat ${ip} to ${key} map @${set}`;
    return this.#chain({ name: `${set}-${count}`, rules: [rule] });
  }

  /** Most ports pick flat; those whose picking has a memory of its own have a chain of their own. */
  #picker(scope: Scope): Picker {
    const { affinity, algorithm } = this.#port;
    const endpoints = endpointsOf(this.#port, scope);
    if (affinity.kind === 'ClientIP') {
      return { chain: this.#affinityChain(endpoints, affinity.timeoutSec), slots: [] };
    }
    if (algorithm === 'ip_hash')
      return { chain: this.#hashChain(hashedSlots(endpoints)), slots: [] };
    if (algorithm === 'round-robin')
      return { chain: this.#turnsChain(usable(endpoints)), slots: [] };
    return { chain: '', slots: weightedSlots(endpoints) };
  }

  #turnsChain(endpoints: readonly Endpoint[]): string {
    return this.#ownChain('turns', `numgen inc mod ${endpoints.length}`, endpoints);
  }

  #hashChain(slots: readonly Endpoint[]): string {
    const hash = `jhash ${this.#words.ip} saddr mod ${hashSlots} seed 0x706f7274`;
    return this.#ownChain('hashed', hash, slots);
  }

  #ownChain(kind: string, choice: string, slots: readonly Endpoint[]): string {
    const { ip } = this.#words;
    const { word } = protocolWords[this.#port.protocol];
    const map = slots.map(({ address, port }, slot) => `${slot} : ${address} . ${port}`).join(', ');
    return this.#contentChain(kind, [
      `meta l4proto ${word} dnat ${ip} to ${choice} map { ${map} }`,
    ]);
  }

  /**
   * ClientIP affinity: a set of clients for each endpoint, asked for the endpoints that may be
   * used alone. So one that goes loses its clients at once, and the others keep theirs.
   */
  #affinityChain(endpoints: readonly Endpoint[], timeoutSec: number): string {
    const { ip } = this.#words;
    const { word } = protocolWords[this.#port.protocol];
    const candidates = usable(endpoints);
    const ties = new Map(
      candidates.map((endpoint) => {
        const id = targetId(endpoint.address, endpoint.port);
        const set = this.#clientSet(id, timeoutSec);
        const chain = this.#chain({
          name: `affinity-${set}`,
          rules: [`update @${set} { ${ip} saddr }`, `meta l4proto ${word} dnat ${ip} to ${id}`],
        });
        return [endpoint, chain] as const;
      }),
    );
    const slots = weightedSlots(candidates).map(
      (endpoint, slot) => `${slot} : goto ${ties.get(endpoint) ?? ''}`,
    );
    return this.#contentChain('affine', [
      ...candidates.map((one) => {
        const set = this.#clientSet(targetId(one.address, one.port), timeoutSec);
        return `${ip} saddr @${set} goto ${ties.get(one) ?? ''}`;
      }),
      `numgen random mod ${slots.length} vmap { ${slots.join(', ')} }`,
    ]);
  }

  #clientSet(id: string, timeoutSec: number): string {
    const name = `clients-${digest(`${this.#port.key} ${id} ${timeoutSec}`)}`;
    const definition = `type ${this.#words.addressType}; flags dynamic,timeout; timeout ${timeoutSec}s;`;
    this.#sets.set(name, { name, kind: 'set', definition });
    return name;
  }

  /** A chain named by what is in it: a change is a new chain, so that nothing is half-changed. */
  #contentChain(kind: string, rules: readonly string[]): string {
    const { key } = this.#port;
    return this.#chain({ name: `${kind}-${digest(`${key} ${rules.join('\n')}`)}`, rules });
  }

  #chain(chain: Chain): string {
    this.#chains.set(chain.name, chain);
    return chain.name;
  }

  #key({ destination }: Route): string {
    const { number } = protocolWords[this.#port.protocol];
    const prefix = destination.kind === 'address' ? `${destination.address} . ` : '';
    return `${prefix}${number} . ${destination.port}`;
  }

  #add(set: string, key: string, value: string = ''): void {
    this.#elements.push({ set, key, value });
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
