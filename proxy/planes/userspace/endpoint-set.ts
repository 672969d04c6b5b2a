import type { Random } from '../../../controller/base/index.ts';
import {
  type Algorithm,
  type Balancer,
  createBalancer,
  type Target,
  targetId,
} from '../../balancer/index.ts';
import type { Endpoint } from '../../compile/table.ts';

/** An endpoint as the balancers see it. */
export interface EndpointTarget extends Target {
  readonly address: string;
  readonly port: number;
}

const none: ReadonlyMap<string, EndpointTarget> = new Map();

/**
 * The endpoints of one scope and their balancer. All is made ready at its first use after a
 * change: of ten thousand Services most are idle, and an `ip_hash` table alone is large.
 */
export class EndpointSet {
  readonly #random: Random;
  #endpoints: readonly Endpoint[] = [];
  #algorithm: Algorithm = 'random';
  #ids: ReadonlySet<string> | undefined = undefined;
  #usable = none;
  #balancer: Balancer<EndpointTarget> | undefined = undefined;
  #stale = true;

  constructor(random: Random) {
    this.#random = random;
  }

  update(endpoints: readonly Endpoint[], algorithm: Algorithm): void {
    if (endpoints === this.#endpoints && algorithm === this.#algorithm) return;
    this.#endpoints = endpoints;
    this.#algorithm = algorithm;
    this.#ids = undefined;
    this.#stale = true;
  }

  /** The ids of all endpoints, also of those with weight 0. */
  get ids(): ReadonlySet<string> {
    this.#ids ??= new Set(this.#endpoints.map(({ address, port }) => targetId(address, port)));
    return this.#ids;
  }

  /** What may be chosen, by id. Weight 0 counts only where there is nothing else. */
  get usable(): ReadonlyMap<string, EndpointTarget> {
    this.#refresh();
    return this.#usable;
  }

  /** Changes only with the algorithm: whoever counted on the old one ends on it too. */
  get balancer(): Balancer<EndpointTarget> {
    return this.#refresh();
  }

  #refresh(): Balancer<EndpointTarget> {
    if (this.#balancer && !this.#stale) return this.#balancer;
    this.#stale = false;
    const targets = this.#endpoints.map(({ address, port, weight }) => ({
      id: targetId(address, port),
      address,
      port,
      weight,
    }));
    const weighted = targets.filter(({ weight }) => weight > 0);
    const usable = weighted.length > 0 ? weighted : targets;
    this.#usable = new Map(usable.map((target) => [target.id, target]));
    if (this.#balancer?.algorithm !== this.#algorithm) {
      this.#balancer = createBalancer<EndpointTarget>(this.#algorithm, this.#random);
    }
    this.#balancer.update(targets);
    return this.#balancer;
  }
}
