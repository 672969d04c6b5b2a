import { networkInterfaces } from 'node:os';
import {
  type ApplyReport,
  type Clock,
  describeError,
  type ListenAddress,
  type Log,
  type Meter,
  type Plane,
  type Problem,
  type ProblemSink,
  type Random,
} from '../../controller/base/index.ts';
import type { ZoneDiff, ZoneTable } from '../compile/index.ts';
import { createPlugins, type Plugins } from '../plugins/index.ts';
import type { PodsMode } from '../plugins/kubernetes/index.ts';
import { lowerName, parseName, reverseZones } from '../wire/index.ts';
import { buildChain, withDepthLimit } from './chain.ts';
import { listen, type Listener } from './listener.ts';
import { ServerMetrics } from './metrics.ts';
import { Responder } from './responder.ts';

export interface DnsPlaneOptions {
  /** UDP and TCP on each. Port 0: any free one. A wildcard host: each address there is now. */
  readonly listen: readonly { readonly host: string; readonly port: number }[];
  /** Default `cluster.local`. */
  readonly clusterDomain?: string;
  /** Of records of the cluster, 0–3600, default 5. */
  readonly ttlSec?: number;
  /** Default `insecure`, as kubeadm and nearly every distribution ship it. */
  readonly podsMode?: PodsMode;
  /** A resolv.conf to watch, or addresses with or without port. Default `/etc/resolv.conf`. */
  readonly upstreams?: string | readonly string[];
  /** Shares the addresses with other workers. Default false. */
  readonly reusePort?: boolean;
  readonly log: Log;
  readonly meter: Meter;
  readonly clock: Clock;
  readonly random: Random;
  readonly problems: ProblemSink;
}

/**
 * The DNS server of a node. It listens from the start; until the first table, names that it can't
 * know yet are SERVFAIL.
 * @throws ConfigError when an upstream is no address. @throws WireError when the domain is no name
 */
export function createDnsPlane(options: DnsPlaneOptions): Plane<ZoneTable, ZoneDiff> {
  return new DnsPlane(options);
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

class DnsPlane implements Plane<ZoneTable, ZoneDiff> {
  readonly name = 'dns';
  readonly #options: DnsPlaneOptions;
  readonly #plugins: Plugins;
  readonly #chain: ReturnType<typeof buildChain>;
  readonly #listeners: Map<string, Listener> = new Map();
  readonly #started: Promise<unknown>;
  #problems: readonly Problem[] = [];
  #generation = -1;

  constructor(options: DnsPlaneOptions) {
    this.#options = options;
    this.#plugins = createPlugins(
      {
        kubernetes: {
          zone: lowerName(parseName(options.clusterDomain ?? 'cluster.local')),
          reverseZones: [reverseZones.IPv4, reverseZones.IPv6],
          ttlSec: options.ttlSec ?? 5,
          podsMode: options.podsMode ?? 'insecure',
        },
        forward: { upstreams: options.upstreams ?? '/etc/resolv.conf' },
      },
      {
        log: options.log,
        meter: options.meter,
        clock: options.clock,
        problems: options.problems,
        resolve: (query) => withDepthLimit(this.#chain)(query),
        listening: () => this.addresses(),
      },
      options.random,
    );
    this.#chain = buildChain(this.#plugins.order);
    // Neither rejects: an address that can't be had is a problem, and is tried again.
    this.#started = Promise.all([this.#listenWhereMissing(), this.#plugins.forward.start()]);
  }

  async apply(next: ZoneTable, diff: ZoneDiff | undefined): Promise<ApplyReport> {
    this.#plugins.kubernetes.apply(next, diff);
    await this.#started;
    if (next.generation !== this.#generation) await this.#listenWhereMissing();
    this.#generation = next.generation;
    return { generation: next.generation, problems: this.#problems };
  }

  async drain(deadlineMs: number): Promise<void> {
    await this.#started;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _deadline = this.#options.clock.schedule(deadlineMs, resolve);
    const drained = [...this.#listeners.values()].map((listener) => listener.drain());
    await Promise.race([Promise.all(drained), late]);
    await this[Symbol.asyncDispose]();
  }

  addresses(): readonly ListenAddress[] {
    return [...this.#listeners.values()].flatMap(({ addresses }) => addresses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    await Promise.all(
      [...listeners, ...this.#plugins.order].map((one) => one[Symbol.asyncDispose]()),
    );
  }

  async #listenWhereMissing(): Promise<void> {
    const problems: Problem[] = [];
    let opened = false;
    for (const endpoint of this.#options.listen.flatMap(expandWildcard)) {
      const key = `${endpoint.host} ${endpoint.port}`;
      if (this.#listeners.has(key)) continue;
      try {
        this.#listeners.set(key, await this.#listen(endpoint));
        opened = true;
      } catch (error) {
        problems.push(bindProblem(endpoint, error));
      }
    }
    this.#problems = problems;
    // Only now is it known which upstreams would be this server itself.
    if (opened) this.#plugins.forward.refresh();
  }

  #listen(endpoint: Endpoint): Promise<Listener> {
    const { log, clock, meter, reusePort = false } = this.#options;
    return listen({ ...endpoint, reusePort, log, clock }, (port) => {
      const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
      const metrics = new ServerMetrics(meter, `dns://${host}:${port}`);
      return new Responder({ chain: this.#chain, metrics, log, clock });
    });
  }
}

/**
 * A socket bound to a wildcard would reply from whichever address routing prefers, and clients
 * drop replies from an address that they did not ask; so there is one socket for each address.
 */
function expandWildcard({ host, port }: Endpoint): readonly Endpoint[] {
  if (host !== '0.0.0.0' && host !== '::') return [{ host, port }];
  const family = host === '::' ? 'IPv6' : 'IPv4';
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((one) => one.family === family && !one.address.startsWith('fe80:'))
    .map(({ address }) => ({ host: address, port }));
}

function bindProblem({ host, port }: Endpoint, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const inUse = code === 'EADDRINUSE';
  return {
    severity: 'error',
    reason: inUse ? 'PortInUse' : 'CannotListen',
    message: `DNS can't listen on ${host} port ${port}: ${describeError(error)}`,
    instead: inUse
      ? 'stop what listens there, or choose another address for DNS'
      : 'choose an address of this machine, and a port above 1023 unless run as root',
  };
}
