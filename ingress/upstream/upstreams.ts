import type { EndpointTarget } from '../engines/shared/balanced-pools.ts';
import type { Pool, RouteDiff, RouteTable } from '../compile/table.ts';
import { EndpointConnections, type UpstreamContext } from './endpoint-connections.ts';
import type { EndpointStreams } from './stream.ts';

/** Connections to all endpoints, shared by the pools that name the same one. */
export class Upstreams implements Disposable {
  readonly #context: UpstreamContext;
  readonly #endpoints = new Map<string, EndpointStreams>();
  /** Spares the key on the way of each request. */
  readonly #byTarget = new WeakMap<EndpointTarget, EndpointStreams>();

  constructor(context: UpstreamContext) {
    this.#context = context;
  }

  /** The connections for an endpoint of a pool. */
  of(target: EndpointTarget, protocol: Pool['protocol']): EndpointStreams {
    const known = this.#byTarget.get(target);
    if (known && !known.isRetired) return known;
    const key = keyOf(protocol, target.address, target.port);
    let endpoint = this.#endpoints.get(key);
    if (!endpoint) {
      const { address, port } = target;
      endpoint = new EndpointConnections(this.#context, address, port, protocol === 'https');
      this.#endpoints.set(key, endpoint);
    }
    this.#byTarget.set(target, endpoint);
    return endpoint;
  }

  /** Lets go of the endpoints that changed pools no longer have. */
  apply(before: RouteTable, diff: RouteDiff): void {
    for (const key of diff.pools.removed) this.#retire(before.pools.get(key), undefined);
    for (const pool of diff.pools.upserted) this.#retire(before.pools.get(pool.key), pool);
  }

  /** Lets go of the endpoints that no pool of a table has. */
  replace(next: RouteTable): void {
    const live = new Set<string>();
    for (const { protocol, endpoints } of next.pools.values()) {
      for (const { address, port } of endpoints) live.add(keyOf(protocol, address, port));
    }
    for (const key of this.#endpoints.keys()) if (!live.has(key)) this.#remove(key);
  }

  [Symbol.dispose](): void {
    for (const key of this.#endpoints.keys()) this.#remove(key);
  }

  /** Another pool may still have such an endpoint: then it costs a few new connections. */
  #retire(before: Pool | undefined, now: Pool | undefined): void {
    if (!before) return;
    const kept = new Set(
      now?.endpoints.map(({ address, port }) => keyOf(now.protocol, address, port)),
    );
    for (const { address, port } of before.endpoints) {
      const key = keyOf(before.protocol, address, port);
      if (!kept.has(key)) this.#remove(key);
    }
  }

  #remove(key: string): void {
    this.#endpoints.get(key)?.retire();
    this.#endpoints.delete(key);
  }
}

function keyOf(protocol: Pool['protocol'], address: string, port: number): string {
  return `${protocol === 'https' ? 'tls' : 'tcp'} ${address} ${port}`;
}
