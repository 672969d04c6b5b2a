import {
  type ApplyReport,
  type BoundCounter,
  type Clock,
  ConfigError,
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
import { explain, type ExplainQuestion } from '../explain/index.ts';
import { forwardParts } from '../plugins/forward/parts.ts';
import type { PodsMode } from '../plugins/kubernetes/index.ts';
import { ZoneIndex } from '../plugins/kubernetes/zone-index.ts';
import { fingerprint, loadCorefile } from './corefile-source.ts';
import { defaultPlan } from './default-plan.ts';
import { type EndpointPlan, type HostPort, planEndpoints } from './endpoints.ts';
import { listen, type Listener } from './listener.ts';
import { ServerMetrics } from './metrics.ts';
import { type BlockPlan, needsOf, type ZoneNeed } from './plan.ts';
import { Responder } from './responder.ts';
import { SiteProblems } from './site-problems.ts';
import { Site } from './site.ts';

/** Queries that an old configuration answers may take this long after a new one is in force. */
const oldSiteMs = 5000;

export interface DnsPlaneOptions {
  /** UDP and TCP on each. Port 0: any free one. A wildcard host: each address there is now. */
  readonly listen: readonly HostPort[];
  /** A Corefile to serve; the options up to `upstreams` mean nothing then. */
  readonly corefile?: string;
  /** Default `cluster.local`. */
  readonly clusterDomain?: string;
  /** Of records of the cluster, 0–3600, default 5. */
  readonly ttlSec?: number;
  /** Default `insecure`, as kubeadm and nearly every distribution ship it. */
  readonly podsMode?: PodsMode;
  /** A resolv.conf to watch, or addresses with or without port. Default `/etc/resolv.conf`. */
  readonly upstreams?: string | readonly string[];
  /** What tables hold beyond what every Corefile reads: one that needs more is refused. */
  readonly zoneNeeds?: ReadonlySet<ZoneNeed>;
  /** 16 octets that server cookies are made with; default: random. */
  readonly cookieSecret?: Buffer;
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
 * know yet are SERVFAIL. A Corefile that can't be used is a problem, and is tried again when it
 * changes; nothing is served until then.
 * @throws ConfigError when an upstream is no address. @throws WireError when the domain is no name
 */
export function createDnsPlane(options: DnsPlaneOptions): DnsPlane {
  return new CorefilePlane(options);
}

/** A plane that can say why it answers what it answers. */
export interface DnsPlane extends Plane<ZoneTable, ZoneDiff> {
  /** Text for people. Asks upstream where a query would. */
  explain(question: ExplainQuestion): Promise<string>;
  /** Looks at the Corefile now, if it changed; resolves when what follows from it is in force. */
  reload(): Promise<void>;
}

const problemSource = 'dns/corefile';
/** How often a Corefile that could not be used at the start is looked at again. */
const retryMs = 2000;

interface OpenEndpoint {
  readonly listener: Listener;
  readonly responder: Responder;
  /** Whose server blocks it serves. */
  site: Site;
}

class CorefilePlane implements DnsPlane {
  readonly name = 'dns';
  readonly #options: DnsPlaneOptions;
  readonly #cluster: ZoneIndex = new ZoneIndex();
  readonly #open: Map<string, OpenEndpoint> = new Map();
  readonly #reloadsFailed: BoundCounter;
  readonly #old: Set<Disposable> = new Set();
  #site: Site;
  #siteProblems: SiteProblems;
  #seen = '';
  #reload: Disposable | undefined;
  #problems: readonly Problem[] = [];
  #generation = -1;
  #working: Promise<void>;
  #stopped = false;

  constructor(options: DnsPlaneOptions) {
    this.#options = options;
    this.#reloadsFailed = options.meter
      .counter({ name: 'coredns_reload_failed_total', help: 'Corefiles that could not be used.' })
      .bind();
    this.#siteProblems = new SiteProblems(options.problems);
    this.#site = this.#makeSite(this.#readPlans() ?? [], this.#siteProblems);
    // Never rejects: an address that can't be had is a problem, and is tried again.
    this.#working = this.#begin();
  }

  async apply(next: ZoneTable, diff: ZoneDiff | undefined): Promise<ApplyReport> {
    const follows = diff?.fromGeneration === this.#generation;
    this.#cluster.apply(next, diff);
    for (const { responder } of this.#open.values())
      responder.memo.apply(follows ? diff : undefined);
    await this.#working;
    if (next.generation !== this.#generation) await this.#listen();
    this.#generation = next.generation;
    return { generation: next.generation, problems: this.#problems };
  }

  async explain(question: ExplainQuestion): Promise<string> {
    await this.#working;
    try {
      return await explain(this.#site, question);
    } catch (error) {
      // A fault in a plugin costs one answer, not the server.
      return `the question could not be explained: ${describeError(error)}\n`;
    }
  }

  async reload(): Promise<void> {
    const { corefile } = this.#options;
    if (corefile === undefined) return;
    this.#working = this.#working.then(() => this.#reloadIfChanged(corefile));
    await this.#working;
  }

  async drain(deadlineMs: number): Promise<void> {
    this.#stopReloading();
    await this.#working;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _deadline = this.#options.clock.schedule(deadlineMs, resolve);
    const drained = [...this.#open.values()].map(({ listener }) => listener.drain());
    await Promise.race([Promise.all(drained), late]);
    await this[Symbol.asyncDispose]();
  }

  addresses(): readonly ListenAddress[] {
    return [...this.#open.values()].flatMap(({ listener }) => listener.addresses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopReloading();
    await this.#working;
    const listeners = [...this.#open.values()].map(({ listener }) => listener);
    this.#open.clear();
    for (const old of this.#old) old[Symbol.dispose]();
    await Promise.all([...listeners, this.#site].map((one) => one[Symbol.asyncDispose]()));
    this.#options.problems.replace(problemSource, []);
  }

  /** Undefined: the Corefile can't be used, which is said. @throws only without a Corefile */
  #readPlans(): readonly BlockPlan[] | undefined {
    const { corefile, problems } = this.#options;
    if (corefile === undefined) return [defaultPlan(withDefaults(this.#options))];
    this.#seen = fingerprint(corefile);
    try {
      const { plans, warnings } = loadCorefile(corefile);
      this.#refuseNeeds(plans);
      problems.replace(problemSource, warnings);
      return plans;
    } catch (error) {
      this.#reloadsFailed.inc();
      problems.replace(problemSource, [corefileProblem(corefile, error)]);
      return undefined;
    }
  }

  /** @throws ConfigError when the tables that come lack what these plans read */
  #refuseNeeds(plans: readonly BlockPlan[]): void {
    const { zoneNeeds } = this.#options;
    const missing = zoneNeeds && [...needsOf(plans)].find((need) => !zoneNeeds.has(need));
    if (missing === undefined) return;
    const lines = { pods: 'pods verified', labels: 'labels or namespace_labels' };
    throw new ConfigError(
      'RestartNeeded',
      `${lines[missing]} was not in the Corefile at the start: restart to let it take effect`,
    );
  }

  #makeSite(plans: readonly BlockPlan[], problems: SiteProblems): Site {
    const { log, meter, clock, random } = this.#options;
    return new Site(plans, {
      log,
      meter,
      clock,
      random,
      problems,
      cluster: this.#cluster,
      forwarding: forwardParts(clock, random),
      forgetReplies: () => {
        for (const { responder } of this.#open.values()) responder.memo.clear();
      },
      listening: () => this.addresses(),
    });
  }

  async #begin(): Promise<void> {
    await Promise.all([this.#site.start(), this.#listen()]);
    this.#scheduleReload();
  }

  #stopReloading(): void {
    this.#stopped = true;
    this.#reload?.[Symbol.dispose]();
  }

  #scheduleReload(): void {
    const { corefile, clock, random } = this.#options;
    if (corefile === undefined || this.#stopped) return;
    this.#reload?.[Symbol.dispose]();
    const { blocks } = this.#site;
    const asked = blocks.map(({ plan }) => plan.settings.reload).find((one) => one !== undefined);
    // Without `reload` a Corefile in force stays; one that was never in force must be mended.
    if (!asked && blocks.length > 0) return;
    const delayMs = asked ? asked.intervalMs + random() * asked.jitterMs : retryMs;
    this.#reload = clock.schedule(delayMs, () => {
      this.#working = this.#working.then(() => this.#reloadIfChanged(corefile));
    });
  }

  async #reloadIfChanged(corefile: string): Promise<void> {
    if (!this.#stopped && fingerprint(corefile) !== this.#seen) {
      const plans = this.#readPlans();
      if (plans) await this.#replaceSite(plans);
    }
    this.#scheduleReload();
  }

  /** Sockets that both configurations want stay open: no query is lost between the two. */
  async #replaceSite(plans: readonly BlockPlan[]): Promise<void> {
    const { clock, log, corefile, problems } = this.#options;
    const old = this.#site;
    const siteProblems = new SiteProblems(problems);
    let site: Site;
    try {
      site = this.#makeSite(plans, siteProblems);
    } catch (error) {
      this.#reloadsFailed.inc();
      problems.replace(problemSource, [corefileProblem(corefile ?? '', error)]);
      return;
    }
    await site.start();
    this.#site = site;
    this.#siteProblems.retire(siteProblems);
    this.#siteProblems = siteProblems;
    await this.#listen();
    log.info({ corefile }, 'a changed Corefile is in force');
    // Its queries under way end as they began.
    const timer = clock.schedule(oldSiteMs, () => {
      this.#old.delete(timer);
      old[Symbol.asyncDispose]().catch((error: unknown) =>
        log.error({ error: describeError(error) }, 'an old DNS configuration did not end'),
      );
    });
    this.#old.add(timer);
  }

  /** Opens what is missing, points what is open at the configuration in force, closes the rest. */
  async #listen(): Promise<void> {
    const problems: Problem[] = [];
    const wanted = planEndpoints(this.#site.blocks, this.#options.listen);
    for (const endpoint of wanted) {
      const open = this.#open.get(endpoint.key);
      if (!open) {
        try {
          await this.#openEndpoint(endpoint);
        } catch (error) {
          problems.push(bindProblem(endpoint, error));
        }
      } else if (open.site !== this.#site) {
        open.responder.route(endpoint.router);
        open.site = this.#site;
      }
    }
    for (const [key, { listener }] of this.#open) {
      if (wanted.some((endpoint) => endpoint.key === key)) continue;
      this.#open.delete(key);
      await listener[Symbol.asyncDispose]();
    }
    this.#problems = problems;
  }

  async #openEndpoint(endpoint: EndpointPlan): Promise<void> {
    const { log, clock, meter, reusePort = false, cookieSecret } = this.#options;
    const { key, host, port, scheme, tls, timeouts, router } = endpoint;
    const site = this.#site;
    const options = { host, port, reusePort, log, clock, scheme, tls, timeouts };
    const { listener, responder } = await listen(options, (bound) => {
      const place = host.includes(':') ? `[${host}]` : host;
      const metrics = new ServerMetrics(meter, `${scheme}://${place}:${bound}`);
      const server = { host, port: bound };
      return new Responder({ router, metrics, log, clock, server, cookieSecret });
    });
    this.#open.set(key, { listener, responder, site });
  }
}

function withDefaults(options: DnsPlaneOptions): Parameters<typeof defaultPlan>[0] {
  return {
    clusterDomain: options.clusterDomain ?? 'cluster.local',
    ttlSec: options.ttlSec ?? 5,
    podsMode: options.podsMode ?? 'insecure',
    upstreams: options.upstreams ?? '/etc/resolv.conf',
  };
}

function corefileProblem(path: string, error: unknown): Problem {
  const at = error instanceof ConfigError ? error.at : undefined;
  return {
    severity: 'error',
    reason: 'BadCorefile',
    message: `the Corefile can't be used; what was in force stays: ${describeError(error)}`,
    instead: `mend ${path}: it is read again when it changes`,
    ...(at && { at }),
  };
}

function bindProblem({ host, port }: HostPort, error: unknown): Problem {
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
