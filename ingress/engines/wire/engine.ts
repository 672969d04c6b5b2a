import {
  type ApplyReport,
  describeError,
  type ListenAddress,
  type Plane,
  type Problem,
} from '../../../controller/base/index.ts';
import { chooseTcpTransport } from '../../../proxy/planes/userspace/tcp/index.ts';
import type { RouteDiff, RouteTable } from '../../compile/table.ts';
import { type FilterContext, HttpClient, MemoryLimitStore } from '../../filters/index.ts';
import { RequestParser, ResponseParser } from '../../http1/index.ts';
import { createHttp2Context } from '../../http2/index.ts';
import { Router } from '../../router/index.ts';
import { Composer, DeadlineWheel } from '../../transport/index.ts';
import { Upstreams } from '../../upstream/index.ts';
import { BalancedPools } from '../shared/balanced-pools.ts';
import { ClientIdentifier } from '../shared/client-identity.ts';
import { listenProblem } from '../shared/listen-problem.ts';
import { EngineMetrics } from '../shared/metrics.ts';
import { defaultHsts, defaultLimits, defaultTimeouts } from '../shared/options.ts';
import { ServerCertificates } from '../shared/server-certificates.ts';
import type { WireContext } from './context.ts';
import { createAccessLog } from './access-log.ts';
import { DateField } from './date-field.ts';
import { Listener } from './listener.ts';
import { RoutePlans } from './route-plans.ts';
import { ShedLog } from './shed-log.ts';
import type { EngineOptions } from '../shared/options.ts';

/** How long to wait before an address that was taken is tried again. */
const listenRetryMs = 5_000;
const problemSource = 'ingress/wire';

/**
 * The ingress engine on bare sockets: HTTP/1.1, HTTP/2 and WebSocket, plain and over TLS. Listens
 * from the first table on. `trustedProxies` that are no CIDRs throw here.
 */
export function createWireEngine(options: EngineOptions): Plane<RouteTable, RouteDiff> {
  return new WireEngine(options);
}

class WireEngine implements Plane<RouteTable, RouteDiff> {
  readonly name = 'wire';
  readonly #options: EngineOptions;
  readonly #context: WireContext;
  readonly #transport = chooseTcpTransport();
  readonly #http = new HttpClient();
  readonly #certificates: ServerCertificates;
  readonly #listeners = new Map<'http' | 'https', Listener>();
  #table: RouteTable | undefined;
  #router = new Router(emptyTable);
  readonly #accessLogWriter: AsyncDisposable | undefined;
  #isDraining = false;
  #problems: readonly Problem[] = [];
  #retry: Disposable | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    const limits = { ...defaultLimits, ...options.limits };
    const wheel = new DeadlineWheel(options.clock);
    const composer = new Composer();
    const metrics = new EngineMetrics(options.meter);
    const { log: accessLog, writer } = createAccessLog(options);
    this.#accessLogWriter = writer;
    const http2 = createHttp2Context(wheel, limits);
    const router = (): Router => this.#router;
    this.#certificates = new ServerCertificates(router, options.clock, options.tls ?? {});
    this.#context = {
      clock: options.clock,
      log: options.log,
      timeouts,
      limits,
      identifier: new ClientIdentifier(options.trustedProxies ?? []),
      pools: new BalancedPools(options.random, options.clock),
      plans: new RoutePlans({
        limits,
        timeouts,
        accessLog: accessLog !== undefined,
        filters: this.#filterContext(),
      }),
      upstreams: new Upstreams({
        transport: this.#transport,
        wheel,
        composer,
        parser: new ResponseParser(limits),
        http2,
        timeouts,
        idlePerEndpoint: limits.idlePerEndpoint,
      }),
      metrics,
      shedLog: new ShedLog(options.log, options.clock, metrics.connectionsShed),
      wheel,
      random: options.random,
      composer,
      parser: new RequestParser(limits),
      http2,
      date: new DateField(options.clock),
      hsts: options.hsts ?? defaultHsts,
      accessLog,
      proxyProtocol: options.proxyProtocol ?? false,
      beginsTraces: options.traceContext ?? false,
      router,
      redirectPort: () => this.#redirectPort(),
      isDraining: () => this.#isDraining,
    };
  }

  async apply(next: RouteTable, diff: RouteDiff | undefined): Promise<ApplyReport> {
    const before = this.#table;
    if (before !== next) {
      if (before && diff && before.generation === diff.fromGeneration) {
        this.#follow(before, next, diff);
      } else {
        this.#replace(next);
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
    return [...this.#listeners.values()].map((listener) => listener.address());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDraining = true;
    this.#retry?.[Symbol.dispose]();
    await Promise.all(
      [...this.#listeners.values()].map((listener) => listener[Symbol.asyncDispose]()),
    );
    await this.#accessLogWriter?.[Symbol.asyncDispose]();
    this.#context.upstreams[Symbol.dispose]();
    this.#context.wheel[Symbol.dispose]();
    await this.#http[Symbol.asyncDispose]();
    this.#options.problems.replace(problemSource, []);
  }

  #filterContext(): FilterContext {
    const { clock, log, random } = this.#options;
    return {
      clock,
      log,
      random,
      http: this.#http.ask,
      limits: this.#options.limitStore ?? new MemoryLimitStore(() => clock.nowMs()),
      httpsPort: () => this.#redirectPort(),
      endpointsOf: (pool) => this.#context.pools.get(pool)?.endpointIds ?? none,
    };
  }

  #follow(before: RouteTable, next: RouteTable, diff: RouteDiff): void {
    const { pools, upstreams, metrics } = this.#context;
    pools.apply(diff);
    upstreams.apply(before, diff);
    this.#router.apply(diff);
    const { hosts, certificates } = diff;
    if (certificates.upserted.length + certificates.removed.length > 0) {
      this.#certificates.replace(next);
    }
    this.#certificates.hostsChanged(hosts);
    if (hosts.upserted.length + hosts.removed.length > 0) metrics.keepOnly(next);
  }

  #replace(next: RouteTable): void {
    const { pools, upstreams, metrics } = this.#context;
    pools.replace(next);
    upstreams.replace(next);
    this.#router = new Router(next);
    this.#certificates.replace(next);
    metrics.keepOnly(next);
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
      const { reusePort } = this.#options;
      const certificates = this.#certificates;
      const transport = this.#transport;
      const context = this.#context;
      try {
        const listener = { scheme, on, reusePort, context, transport, certificates };
        this.#listeners.set(scheme, await Listener.listen(listener));
      } catch (error) {
        problems.push(listenProblem(scheme, on, error));
      }
    }
    this.#problems = [...problems, ...this.#certificates.problems];
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
    return redirectPort ?? this.#listeners.get('https')?.address().port ?? 443;
  }
}

const none: readonly string[] = [];

const emptyTable: RouteTable = {
  generation: 0,
  hosts: new Map(),
  pools: new Map(),
  certificates: new Map(),
  defaultBackend: undefined,
};
