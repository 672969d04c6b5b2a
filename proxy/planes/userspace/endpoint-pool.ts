import type { Clock, Random } from '../../../controller/base/index.ts';
import { AffinityTable, type Balancer } from '../../balancer/index.ts';
import type { ServicePort } from '../../compile/table.ts';
import { EndpointSet, type EndpointTarget } from './endpoint-set.ts';
import { type EndpointActivity, EndpointTally } from './endpoint-tally.ts';
import type { EndpointScope } from './source-policy.ts';

/** A choice made for one session; give it back to `ended` exactly once after `started`. */
export interface Choice {
  readonly target: EndpointTarget;
  readonly balancer: Balancer<EndpointTarget>;
  readonly tally: EndpointTally;
}

/**
 * The endpoints of one Service port: chooses by affinity first, then by the balancer of the scope,
 * and counts what goes where. Table changes keep the counts and the ties of endpoints that stay.
 */
export class EndpointPool {
  readonly #clock: Clock;
  readonly #sets: Readonly<Record<EndpointScope, EndpointSet>>;
  readonly #tallies = new Map<string, EndpointTally>();
  #affinity: AffinityTable | undefined = undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#sets = { cluster: new EndpointSet(random), local: new EndpointSet(random) };
  }

  update(port: ServicePort): void {
    this.#sets.cluster.update(port.clusterEndpoints, port.algorithm);
    this.#sets.local.update(port.localEndpoints, port.algorithm);
    if (port.affinity.kind === 'None') this.#affinity = undefined;
    else if (this.#affinity) this.#affinity.setTimeoutSec(port.affinity.timeoutSec);
    else {
      const { timeoutSec } = port.affinity;
      this.#affinity = new AffinityTable({ clock: this.#clock, timeoutSec });
    }
    for (const id of this.#tallies.keys()) this.#forgetIfGone(id);
  }

  /** Undefined if the scope is empty but for `exclude`. */
  choose(
    scope: EndpointScope,
    clientIP: string,
    exclude?: ReadonlySet<string>,
  ): Choice | undefined {
    const set = this.#sets[scope];
    const { balancer } = set;
    const tied = this.#affinity?.find(clientIP, set.usable);
    if (tied && !exclude?.has(tied.id)) {
      return { target: tied, balancer, tally: this.#tally(tied.id) };
    }
    const target = balancer.pick(exclude ? { clientIP, exclude } : { clientIP });
    if (!target) return undefined;
    this.#affinity?.bind(clientIP, target.id);
    return { target, balancer, tally: this.#tally(target.id) };
  }

  /** True if no more than one endpoint of the scope is left outside `exclude`. */
  isLastChoice(scope: EndpointScope, exclude: ReadonlySet<string>): boolean {
    let left = 0;
    for (const id of this.#sets[scope].usable.keys()) {
      if (!exclude.has(id)) left += 1;
      if (left > 1) return false;
    }
    return true;
  }

  /** True if the endpoint is still in the table. */
  has(id: string): boolean {
    return this.#sets.cluster.ids.has(id) || this.#sets.local.ids.has(id);
  }

  started({ target, balancer, tally }: Choice): void {
    tally.started();
    balancer.started(target.id);
  }

  ended({ target, balancer, tally }: Choice): void {
    tally.ended();
    balancer.ended(target.id);
    this.#forgetIfGone(target.id);
  }

  /** The endpoint did not answer: the client's tie to it is cut, and it is counted. */
  failed({ tally }: Choice, clientIP: string): void {
    tally.failures += 1;
    this.#affinity?.release(clientIP);
  }

  /** Endpoints in the table, and those that still have sessions. */
  activity(): readonly EndpointActivity[] {
    const ids = new Set([
      ...this.#sets.cluster.ids,
      ...this.#sets.local.ids,
      ...this.#tallies.keys(),
    ]);
    return [...ids].toSorted().map((id) => {
      const { active, total, failures } = this.#tallies.get(id) ?? new EndpointTally();
      return { endpoint: id, active, total, failures, draining: !this.has(id) };
    });
  }

  #tally(id: string): EndpointTally {
    const known = this.#tallies.get(id);
    if (known) return known;
    const tally = new EndpointTally();
    this.#tallies.set(id, tally);
    return tally;
  }

  #forgetIfGone(id: string): void {
    if (this.#tallies.get(id)?.active === 0 && !this.has(id)) this.#tallies.delete(id);
  }
}
