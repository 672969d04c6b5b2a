import {
  type ApplyReport,
  describeError,
  type ListenAddress,
  type Plane,
  type Problem,
} from '../../../controller/base/index.ts';
import type { RouteDiff, RouteTable } from '../../compile/table.ts';
import { Router } from '../../router/index.ts';
import { BalancedPools } from '../shared/balanced-pools.ts';
import { ClientIdentifier } from '../shared/client-identity.ts';
import type { ExchangeContext } from './context.ts';
import { filterProblems } from './filter-problems.ts';
import { Forwarder } from './forwarder.ts';
import { Listener } from './listener.ts';
import { listenProblem } from '../shared/listen-problem.ts';
import { protocolProblems } from '../shared/protocol-problems.ts';
import { EngineMetrics } from '../shared/metrics.ts';
import {
  type EngineOptions,
  defaultHsts,
  defaultLimits,
  defaultTimeouts,
} from '../shared/options.ts';
import { ServerCertificates } from '../shared/server-certificates.ts';

/** How long to wait before an address that was taken is tried again. */
const listenRetryMs = 5_000;
const problemSource = 'ingress/compat';

/**
 * The ingress engine on node:http and http-proxy: HTTP/1.1 and WebSocket, plain and over TLS.
 * Listens from the first table on. `trustedProxies` that are no CIDRs throw here.
 */
export function createCompatEngine(options: EngineOptions): Plane<RouteTable, RouteDiff> {
  return new CompatEngine(options);
}

class CompatEngine implements Plane<RouteTable, RouteDiff> {
  readonly name = 'compat';
  readonly #options: EngineOptions;
  readonly #metrics: EngineMetrics;
  readonly #pools: BalancedPools;
  readonly #forwarder: Forwarder;
  readonly #certificates: ServerCertificates;
  readonly #context: ExchangeContext;
  readonly #listeners = new Map<'http' | 'https', Listener>();
  #table: RouteTable | undefined;
  #router = new Router(emptyTable);
  #isDraining = false;
  #problems: readonly Problem[] = [];
  #retry: Disposable | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    const limits = { ...defaultLimits, ...options.limits };
    const router = (): Router => this.#router;
    this.#metrics = new EngineMetrics(options.meter);
    this.#pools = new BalancedPools(options.random, options.clock);
    this.#forwarder = new Forwarder(timeouts, limits);
    this.#certificates = new ServerCertificates(router, options.clock, options.tls ?? {});
    this.#context = {
      clock: options.clock,
      log: options.log,
      timeouts,
      limits,
      identifier: new ClientIdentifier(options.trustedProxies ?? []),
      forwarder: this.#forwarder,
      pools: this.#pools,
      metrics: this.#metrics,
      hsts: options.hsts ?? defaultHsts,
      accessLog: options.accessLog ?? true,
      router,
      redirectPort: () => this.#redirectPort(),
      isDraining: () => this.#isDraining,
    };
  }

  async apply(next: RouteTable, diff: RouteDiff | undefined): Promise<ApplyReport> {
    const follows = diff !== undefined && this.#table?.generation === diff.fromGeneration;
    if (this.#table !== next) {
      if (follows) {
        this.#pools.apply(diff);
        this.#router.apply(diff);
      } else {
        this.#pools.replace(next);
        this.#router = new Router(next);
      }
      if (!follows || diff.certificates.upserted.length + diff.certificates.removed.length > 0) {
        this.#certificates.replace(next);
      }
      if (!follows || diff.hosts.upserted.length + diff.hosts.removed.length > 0) {
        this.#metrics.keepOnly(next);
      }
      this.#table = next;
    }
    await this.#listen();
    return { generation: next.generation, problems: this.#problems };
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#isDraining = true;
    this.#retry?.[Symbol.dispose]();
    const timer = this.#options.clock.schedule(deadlineMs, () => this.#cut());
    await Promise.all([...this.#listeners.values()].map((listener) => listener.drain()));
    timer[Symbol.dispose]();
  }

  addresses(): readonly ListenAddress[] {
    return [...this.#listeners.values()].flatMap((listener) => listener.address() ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDraining = true;
    this.#retry?.[Symbol.dispose]();
    await Promise.all(
      [...this.#listeners.values()].map((listener) => listener[Symbol.asyncDispose]()),
    );
    this.#forwarder[Symbol.dispose]();
    this.#options.problems.replace(problemSource, []);
  }

  #cut(): void {
    for (const listener of this.#listeners.values()) listener.cut();
  }

  /** Listens where it does not yet. What cannot be had is a problem, and tried again. */
  async #listen(): Promise<void> {
    this.#retry?.[Symbol.dispose]();
    const problems: Problem[] = [];
    for (const scheme of ['http', 'https'] as const) {
      const on = this.#options[scheme];
      if (!on || this.#listeners.has(scheme) || this.#isDraining) continue;
      const listener = new Listener({
        scheme,
        on,
        reusePort: this.#options.reusePort,
        context: this.#context,
        certificates: this.#certificates,
      });
      try {
        await listener.listen();
        this.#listeners.set(scheme, listener);
      } catch (error) {
        problems.push(listenProblem(scheme, on, error));
      }
    }
    this.#problems = [
      ...problems,
      ...protocolProblems(this.#table, this.name),
      ...filterProblems(this.#table),
      ...this.#certificates.problems,
    ];
    this.#options.problems.replace(problemSource, this.#problems);
    if (problems.length > 0) this.#retryLater();
  }

  #retryLater(): void {
    this.#retry = this.#options.clock.schedule(listenRetryMs, () => {
      this.#listen().catch((error: unknown) => {
        this.#options.log.error({ reason: describeError(error) }, 'could not listen');
      });
    });
  }

  #redirectPort(): number {
    const { redirectPort } = this.#options;
    // No https of our own: TLS ends in front of us, where everybody expects it.
    return redirectPort ?? this.#listeners.get('https')?.address()?.port ?? 443;
  }
}

const emptyTable: RouteTable = {
  generation: 0,
  hosts: new Map(),
  pools: new Map(),
  certificates: new Map(),
  defaultBackend: undefined,
};
