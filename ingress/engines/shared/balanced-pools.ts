import type { Clock, Random } from '../../../controller/base/index.ts';
import {
  type Balancer,
  createBalancer,
  type Target,
  targetId,
} from '../../../proxy/balancer/index.ts';
import { EndpointWatch } from './endpoint-watch.ts';
import { WaitingRequests } from './waiting-requests.ts';
import { RetryBudget } from './retry-budget.ts';
import type { Pool, RouteDiff, RouteTable } from '../../compile/table.ts';

/** An endpoint as the balancer sees it. */
export interface EndpointTarget extends Target {
  readonly address: string;
  readonly port: number;
}

/** A pool with the balancer that spreads requests over its endpoints. */
export interface BalancedPool {
  readonly pool: Pool;
  readonly balancer: Balancer<EndpointTarget>;
  readonly retryBudget: RetryBudget;
  readonly watch: EndpointWatch;
  readonly waiting: WaitingRequests;
  /** By `address:port`. */
  readonly endpoints: ReadonlyMap<string, EndpointTarget>;
  /** The keys of `endpoints`: the same array for as long as they are the same. */
  readonly endpointIds: readonly string[];
}

/** The table's pools. Balancers live on through changes, so that counts and turns go on. */
export class BalancedPools {
  readonly #random: Random;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #pools = new Map<string, BalancedPool>();

  constructor(random: Random, clock: Pick<Clock, 'nowMs'>) {
    this.#random = random;
    this.#clock = clock;
  }

  get(key: string): BalancedPool | undefined {
    return this.#pools.get(key);
  }

  /** Makes the pools those of a table, however far it is from the last. */
  replace(table: RouteTable): void {
    for (const key of this.#pools.keys()) if (!table.pools.has(key)) this.#pools.delete(key);
    for (const pool of table.pools.values()) this.#set(pool);
  }

  apply(diff: RouteDiff): void {
    for (const key of diff.pools.removed) this.#pools.delete(key);
    for (const pool of diff.pools.upserted) this.#set(pool);
  }

  #set(pool: Pool): void {
    const before = this.#pools.get(pool.key);
    if (before?.pool === pool) return;
    const kept = before?.balancer.algorithm === pool.algorithm ? before.balancer : undefined;
    const balancer = kept ?? createBalancer<EndpointTarget>(pool.algorithm, this.#random);
    const targets = pool.endpoints.map(({ address, port, weight }) => ({
      id: targetId(address, port),
      weight,
      address,
      port,
    }));
    balancer.update(targets);
    const endpoints = new Map(targets.map((one) => [one.id, one]));
    const retryBudget = before?.retryBudget ?? new RetryBudget();
    const watch = before?.watch ?? new EndpointWatch(pool.protection);
    watch.update([...endpoints.keys()], pool.protection, this.#clock.nowMs());
    const waiting = before?.waiting ?? new WaitingRequests();
    const endpointIds = targets.map(({ id }) => id);
    const entry = { pool, balancer, retryBudget, watch, waiting, endpoints, endpointIds };
    this.#pools.set(pool.key, entry);
    waiting.wakeAll();
  }
}
