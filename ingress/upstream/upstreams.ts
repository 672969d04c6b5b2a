import { isIPv6 } from 'node:net';
import type { EndpointTarget } from '../engines/shared/balanced-pools.ts';
import type { Pool, RouteDiff, RouteTable } from '../compile/table.ts';
import { Http2Endpoint } from '../http2/upstream/http2-endpoint.ts';
import { connectTls } from '../transport/index.ts';
import { EndpointConnections, type UpstreamContext } from './endpoint-connections.ts';
import type { UpstreamLink } from './link.ts';
import type { EndpointStreams } from './stream.ts';

/** Links to one endpoint, beyond which the oldest is let go: each client certificate makes one. */
const maxLinks = 64;

interface Known {
  readonly link: UpstreamLink;
  readonly streams: EndpointStreams;
}

/** Ways to all endpoints, shared by the pools and routes that speak to one in the same way. */
export class Upstreams implements Disposable {
  readonly #context: UpstreamContext;
  /** By address and port, then by `UpstreamLink.key`. */
  readonly #endpoints = new Map<string, Map<string, EndpointStreams>>();
  /** Spares the keys on the way of each request. */
  readonly #lastOf = new WeakMap<EndpointTarget, Known>();

  constructor(context: UpstreamContext) {
    this.#context = context;
  }

  /** The ways to an endpoint of a pool. */
  of(target: EndpointTarget, link: UpstreamLink): EndpointStreams {
    const known = this.#lastOf.get(target);
    if (known && known.link === link && !known.streams.isRetired) return known.streams;
    const key = keyOf(target);
    const links = this.#endpoints.get(key) ?? new Map<string, EndpointStreams>();
    this.#endpoints.set(key, links);
    const streams = links.get(link.key) ?? this.#open(target, link, links);
    this.#lastOf.set(target, { link, streams });
    return streams;
  }

  /** Lets go of the endpoints that changed pools no longer have. */
  apply(before: RouteTable, diff: RouteDiff): void {
    for (const key of diff.pools.removed) this.#retire(before.pools.get(key), undefined);
    for (const pool of diff.pools.upserted) this.#retire(before.pools.get(pool.key), pool);
  }

  /** Lets go of the endpoints that no pool of a table has. */
  replace(next: RouteTable): void {
    const live = new Set<string>();
    for (const { endpoints } of next.pools.values()) {
      for (const endpoint of endpoints) live.add(keyOf(endpoint));
    }
    for (const key of this.#endpoints.keys()) if (!live.has(key)) this.#remove(key);
  }

  [Symbol.dispose](): void {
    for (const key of this.#endpoints.keys()) this.#remove(key);
  }

  #open(
    target: EndpointTarget,
    link: UpstreamLink,
    links: Map<string, EndpointStreams>,
  ): EndpointStreams {
    const streams = this.#streamsTo(target, link);
    links.set(link.key, streams);
    const [oldest] = links.keys();
    if (links.size > maxLinks && oldest !== undefined) {
      links.get(oldest)?.retire();
      links.delete(oldest);
    }
    return streams;
  }

  #streamsTo({ address, port }: EndpointTarget, link: UpstreamLink): EndpointStreams {
    const context = this.#context;
    const { protocol, tls } = link;
    switch (protocol) {
      case 'http':
      case 'https':
        return new EndpointConnections(context, address, port, link);
      case 'h2c': {
        const family = isIPv6(address) ? 'IPv6' : 'IPv4';
        return new Http2Endpoint({
          ...context,
          scheme: 'http',
          connect: (owner) => context.transport.connect(address, port, family, owner),
        });
      }
      case 'h2':
        return new Http2Endpoint({
          ...context,
          scheme: 'https',
          connect: (owner) =>
            connectTls({ address, port, protocol, tls, preface: undefined }, owner),
        });
    }
  }

  /** Another pool may still have such an endpoint: then it costs a few new connections. */
  #retire(before: Pool | undefined, now: Pool | undefined): void {
    if (!before) return;
    // What is spoken to the same endpoints may have changed with the Service.
    const stays = now?.protocol === before.protocol ? now.endpoints : [];
    const kept = new Set(stays.map(keyOf));
    for (const endpoint of before.endpoints) {
      const key = keyOf(endpoint);
      if (!kept.has(key)) this.#remove(key);
    }
  }

  #remove(key: string): void {
    for (const streams of this.#endpoints.get(key)?.values() ?? []) streams.retire();
    this.#endpoints.delete(key);
  }
}

function keyOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address} ${port}`;
}
