import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Logger } from 'pino';
import { type ListenAddress, systemClock, systemRandom } from '../../controller/base/index.ts';
import { startApi } from '../../controller/api/index.ts';
import {
  execRunner,
  type HealthCheckOptions,
  startHealthChecks,
} from '../../controller/health/index.ts';
import type { IngressAddress } from '../../controller/objects/index.ts';
import type { VirtualIPStatus } from '../../controller/vip/index.ts';
import { createFileLedger, startReconcilers } from '../../controller/reconcile/index.ts';
import {
  LeftBehind,
  type ManifestSource,
  startManifestSource,
} from '../../controller/sources/manifests/index.ts';
import {
  ApiClient,
  type ClusterAccess,
  type ClusterStore,
  followCluster,
  followedKinds,
  podKind,
} from '../../controller/sources/kubernetes/index.ts';
import {
  createDurableStore,
  createMemoryStore,
  type DurableStore,
  type OpenStore,
  type Store,
  storeFileName,
} from '../../controller/store/index.ts';
import type { ZoneNeed } from '../../dns/index.ts';
import {
  createEtcdStore,
  type EtcdAccess,
  EtcdClient,
  type EtcdStore,
  Keys,
} from '../../controller/store/etcd/index.ts';
import { type ClassMap, isServed } from '../../ingress/index.ts';
import {
  conntrackMinimums,
  createUserspacePlane,
  makeLocal,
  raiseSysctls,
  type ServiceDiff,
  type ServiceTable,
} from '../../proxy/index.ts';
import type { AdminServer } from '../admin/server.ts';
import { type Configuration, configurationNotices } from '../config/index.ts';
import { PrometheusMeter } from '../metrics/prometheus-meter.ts';
import { ProblemRegistry } from '../problems/problem-registry.ts';
import type { SharedWorkerConfiguration } from '../worker/configuration.ts';
import { type PlaneName, planeNames } from '../worker/protocol.ts';
import { WorkerSupervisor } from '../worker/supervisor.ts';
import { probeAddresses } from './address-probe.ts';
import { collectGarbage } from './collect-garbage.ts';
import { classRules, createCompilers } from './compilers.ts';
import { DataDirectory } from './data-directory.ts';
import { startOnEtcd } from './on-etcd.ts';
import { HeldAddresses } from './held-addresses.ts';
import { startInCluster } from './in-cluster.ts';
import { leaseLocks } from './lease-locks.ts';
import { LoopbackNodePorts } from './kernel-loopback-node-ports.ts';
import { NetworkProgramming } from './kernel-network-programming.ts';
import { createKernelPlane } from './kernel-plane.ts';
import { KernelRunner } from './kernel-runner.ts';
import { Pipeline } from './pipeline.ts';
import { planeWorks, type ServedHere } from './plane-works.ts';
import { Propagation } from './propagation.ts';
import { Readiness } from './readiness.ts';
import {
  hasFreePort,
  sharedAddresses,
  withPorts,
  workerConfiguration,
} from './worker-configuration.ts';

/** What every part of the controller is built with. */
type ControllerContext = Omit<HealthCheckOptions, 'probePods' | 'prober'>;

/** What was read before a daemon can be made. */
export interface DaemonInputs {
  /** What the Corefile reads of objects beyond what every one does. */
  readonly zoneNeeds?: ReadonlySet<ZoneNeed>;
  /** To the cluster that is followed; disposed with the daemon. */
  readonly access?: ClusterAccess | undefined;
  /** To the etcd through which objects are shared. */
  readonly etcd?: EtcdAccess | undefined;
}

/** Objects that are shared with daemons on other nodes. */
interface SharedEtcd {
  readonly client: EtcdClient;
  readonly keys: Keys;
  readonly store: EtcdStore;
}

interface FollowedCluster {
  readonly store: ClusterStore;
  readonly client: ApiClient;
  /** Where the Lease of this program lies. */
  readonly namespace: string;
}

/** One node's daemon: sources, store, reconcilers, health, compilers, workers, admin address. */
export class Daemon {
  readonly meter: PrometheusMeter = new PrometheusMeter();
  readonly store: Store;
  readonly readiness: Readiness = new Readiness();
  readonly problems: ProblemRegistry;
  readonly supervisor: WorkerSupervisor;
  readonly pipeline: Pipeline;
  readonly #configuration: Configuration;
  readonly #log: Logger;
  readonly #workers: SharedWorkerConfiguration;
  readonly #propagation: Propagation;
  /** In place of manifests. */
  readonly #cluster: FollowedCluster | undefined;
  readonly #etcd: SharedEtcd | undefined;
  /** Where the API is on: what it is told must outlive a restart, which manifests do by themselves. */
  readonly #durable: DurableStore | undefined;
  /** Programs the kernel, in the modes that do. */
  readonly #kernel: KernelRunner | undefined;
  readonly #loopbackNodePorts: LoopbackNodePorts | undefined;
  readonly #programming: NetworkProgramming;
  readonly #started = new AsyncDisposableStack();
  readonly #appliedGenerations = new Map<PlaneName, number>();
  #held: HeldAddresses | undefined;
  #source: ManifestSource | undefined;
  #admin: ListenAddress | undefined;
  #api: ListenAddress | undefined;

  constructor(
    configuration: Configuration,
    log: Logger,
    logFormat: 'json' | 'pretty',
    { zoneNeeds = new Set(), access, etcd }: DaemonInputs = {},
  ) {
    this.#configuration = configuration;
    this.#log = log;
    this.#workers = workerConfiguration(configuration, logFormat, [...zoneNeeds]);
    this.problems = new ProblemRegistry({
      log,
      meter: this.meter,
      locate: (ref) => this.#source?.locate(ref),
    });
    this.#cluster = access && this.#follow(access, zoneNeeds);
    this.#etcd = etcd && this.#shareThrough(etcd);
    this.#durable = this.#createDurableStore();
    this.store =
      this.#cluster?.store ??
      this.#etcd?.store ??
      this.#durable ??
      createMemoryStore({ clock: systemClock, log });
    this.#propagation = new Propagation(systemClock, this.meter);
    this.#kernel = this.#createKernelRunner();
    this.#loopbackNodePorts = this.#createLoopbackNodePorts();
    this.#programming = new NetworkProgramming(this.store, systemClock, this.meter);
    this.supervisor = new WorkerSupervisor({
      count: configuration.workers,
      configuration: this.#workers,
      clock: systemClock,
      log,
      meter: this.meter,
      onProblems: (source, problems) => this.problems.replace(source, problems),
      onForget: (prefix) => {
        this.problems.forget(prefix);
        // A worker ended, and is still counted among the living.
        setImmediate(() => this.#held?.planesChanged());
      },
      onApplied: (plane) => {
        this.#held?.planesChanged();
        // The kernel's L4 plane is not theirs.
        if (this.#workers[plane]) this.#applied(plane, this.supervisor.appliedByAll(plane));
      },
    });
    this.pipeline = new Pipeline({
      store: this.store,
      clock: systemClock,
      problems: this.problems,
      nodeName: configuration.nodeName,
      ...createCompilers(configuration, zoneNeeds),
      publish: (plane, table, diff, sinceMs) => {
        this.#propagation.published(plane, table.generation, sinceMs);
        if (plane === 'l4') {
          this.#programming.published(table.generation);
          this.#loopbackNodePorts?.publish(table as ServiceTable);
        }
        this.#held?.planesChanged();
        if (this.#workers[plane]) this.supervisor.publish(plane, table, diff);
        // The type of `table` follows `plane`, which the type checker does not see here.
        else if (plane === 'l4') this.#kernel?.publish(table as ServiceTable, diff as ServiceDiff);
      },
    });
  }

  /**
   * Resolves when everything is served.
   * @throws ConfigError, DataPlaneError when it cannot be: the process should end then
   */
  async start(admin: AdminServer): Promise<void> {
    const configuration = this.#configuration;
    this.readiness.expect('objects', 'manifests, allocation and first health checks');
    const planes = [...this.#workerPlanes(), ...(this.#kernel ? (['l4'] as const) : [])];
    for (const plane of planes) this.readiness.expect(plane, `the ${plane} plane`);
    const directory = this.#started.use(new DataDirectory(configuration.dataDir));
    await this.#durable?.open();
    if (configuration.admin !== 'off') {
      this.#admin = await this.#started.use(admin).listen(configuration.admin);
    }
    await probeAddresses(sharedAddresses(configuration));
    await this.#makeServiceCidrsLocal();
    this.problems.replace('configuration', configurationNotices(configuration));
    this.#started.use(this.#programming);
    this.#started.use(this.#loopbackNodePorts);
    if (this.#kernel) {
      this.#started.use(this.#kernel);
      this.problems.replace(
        'sysctl',
        await raiseSysctls(conntrackMinimums(availableParallelism())),
      );
    }
    // Node takes a moment to start: workers do so while the manifests are read.
    this.supervisor.startFirst(directory.file('compile-cache'));
    if (!hasFreePort(this.#workers)) this.supervisor.startOthers(this.#workers);
    if (this.#cluster) await this.#startInCluster(this.#cluster);
    else await this.#startController(directory);
    const served = this.#durable ?? this.#etcd?.store;
    if (served) await this.#startApi(served, directory);
    this.#started.use(this.pipeline);
    await this.pipeline.start();
    this.readiness.done('objects');
    if (hasFreePort(this.#workers)) {
      await this.supervisor.firstApplied(this.#workerPlanes());
      this.supervisor.startOthers(withPorts(this.#workers, this.supervisor.addresses()));
    }
    await this.readiness.whenReady();
    // Not before: whoever holds an address has to serve it.
    this.#held = new HeldAddresses({
      ...this.#controllerContext(),
      ...leaseLocks(this.#cluster, this.#etcd),
      planeWorks: (plane, serviceWorks) => planeWorks(plane, this.#servedHere(), serviceWorks),
    });
    const started = systemClock.nowMs();
    collectGarbage();
    this.#log.debug({ tookMs: Math.round(systemClock.nowMs() - started) }, 'garbage collected');
  }

  /** Every address that serves now. */
  addresses(): readonly ListenAddress[] {
    return [...this.supervisor.addresses(), ...[this.#api ?? [], this.#admin ?? []].flat()];
  }

  /** The generation of a plane's table that is in force everywhere on this node; 0: none yet. */
  appliedGeneration(plane: PlaneName): number {
    return this.#appliedGenerations.get(plane) ?? 0;
  }

  /** False once a change of Services has waited too long to be in force. */
  get isProxyHealthy(): boolean {
    return this.#kernel?.isHealthy ?? true;
  }

  /** How the kernel forwards one Service port; [] where the workers do. */
  kernelRules(key: string): readonly string[] {
    const port = this.pipeline.tables.l4?.ports.get(key);
    return port && this.#kernel ? this.#kernel.rulesOf(port) : [];
  }

  /** What this node does for each virtual IP. */
  virtualIPs(): readonly VirtualIPStatus[] {
    return this.#held?.status() ?? [];
  }

  /** Reads all manifests again, as a change of any of them would. */
  async reloadManifests(): Promise<void> {
    await this.#source?.reload();
  }

  /** Stops accepting, finishes what is under way, ends everything. */
  async stop(drainTimeoutMs: number): Promise<void> {
    this.readiness.drain();
    // First: the address is served until its next holder is heard.
    await this.#held?.[Symbol.asyncDispose]();
    await this.supervisor.drain(drainTimeoutMs);
    await this.#started.disposeAsync();
  }

  #servedHere(): ServedHere {
    return {
      workers: this.supervisor.workers(),
      isProxyHealthy: this.isProxyHealthy,
      isKernelProxy: this.#kernel !== undefined,
      pools: this.pipeline.tables.ingress?.pools,
    };
  }

  /** The planes that workers run. */
  #workerPlanes(): readonly PlaneName[] {
    return planeNames.filter((plane) => this.#workers[plane] !== undefined);
  }

  /** `generation` of the plane is in force everywhere; 0: nowhere yet. */
  #applied(plane: PlaneName, generation: number): void {
    if (generation === 0) return;
    this.#appliedGenerations.set(plane, generation);
    this.#propagation.applied(plane, generation);
    if (plane === 'l4') this.#programming.applied(generation);
    this.readiness.done(plane);
  }

  #createKernelRunner(): KernelRunner | undefined {
    const { proxyMode } = this.#configuration;
    if (proxyMode !== 'nftables' && proxyMode !== 'iptables') return undefined;
    const { meter, problems } = this;
    const context = { log: this.#log, meter, problems, clock: systemClock };
    const plane = createKernelPlane(proxyMode, this.#configuration, context);
    return new KernelRunner(plane, problems, {
      applied: (generation) => this.#applied('l4', generation),
      impossible: (error) => this.readiness.fail(error),
    });
  }

  #createLoopbackNodePorts(): LoopbackNodePorts | undefined {
    const { localhostNodePorts } = this.#configuration;
    if (localhostNodePorts === 'off' || !this.#kernel) return undefined;
    const { meter, problems } = this;
    const context = { log: this.#log, meter, problems, clock: systemClock, random: systemRandom };
    return new LoopbackNodePorts(createUserspacePlane(context), this.#log);
  }

  #classes(): ClassMap {
    const { items } = this.store.list('IngressClass');
    return new Map(items.map((one) => [one.metadata.name, one]));
  }

  /** What Ingress status says: the address that people connect to; none while it is turned off. */
  #ingressAddresses(): readonly IngressAddress[] {
    const { ingressHttp, ingressHttps } = this.#configuration;
    const hosts = [ingressHttp, ingressHttps].flatMap((one) => (one === 'off' ? [] : [one.host]));
    return [...new Set(hosts)].map((ip) => ({ ip }));
  }

  async #makeServiceCidrsLocal(): Promise<void> {
    if (this.#workers.l4 === undefined) return;
    const cidrs = this.#configuration.serviceCidrs.map(({ text }) => text);
    const routes = await makeLocal(cidrs, async (file, args) => {
      const { stdout } = await execa(file, args, { timeout: 5_000, maxBuffer: 65_536 });
      return stdout;
    });
    this.#started.use(routes);
    this.problems.replace('service-cidr', routes.problems);
  }

  /** What every part of the controller is built with. */
  #controllerContext(): ControllerContext {
    return {
      store: this.store,
      problems: this.problems,
      log: this.#log,
      clock: systemClock,
      random: systemRandom,
      meter: this.meter,
      nodeName: this.#configuration.nodeName,
      ...(this.#configuration.execProbes === 'on' && { exec: execRunner }),
    };
  }

  #createDurableStore(): DurableStore | undefined {
    const { api, dataDir } = this.#configuration;
    if (this.#cluster || this.#etcd || api === 'off') return undefined;
    return this.#started.use(
      createDurableStore({
        path: join(dataDir, storeFileName),
        clock: systemClock,
        log: this.#log,
        problems: this.problems,
      }),
    );
  }

  async #startApi(store: OpenStore, directory: DataDirectory): Promise<void> {
    const { api, apiAuditLog, nodeName } = this.#configuration;
    if (api === 'off') return;
    const { address } = this.#started.use(
      await startApi({
        ...this.#controllerContext(),
        objects: store.objects,
        listen: api,
        folder: directory.path,
        nodeName,
        ...(apiAuditLog !== undefined && { auditLog: apiAuditLog }),
        manifestOf: ({ kind, metadata: { namespace = '', name } }) =>
          this.#source?.locate({ kind, namespace, name }),
        notReady: () => (this.readiness.ready ? undefined : this.readiness.describe()),
      }),
    );
    this.#api = address;
  }

  #follow(access: ClusterAccess, zoneNeeds: ReadonlySet<ZoneNeed>): FollowedCluster {
    const client = new ApiClient(access, 'portolan');
    const { meter, problems } = this;
    const store = followCluster({
      client,
      kinds: zoneNeeds.has('pods') ? [...followedKinds, podKind] : followedKinds,
      clock: systemClock,
      random: systemRandom,
      log: this.#log,
      meter,
      problems,
    });
    this.#started.use(access);
    this.#started.use(store);
    return { store, client, namespace: access.namespace ?? 'kube-system' };
  }

  async #startInCluster(cluster: FollowedCluster): Promise<void> {
    await cluster.store.ready();
    this.#started.use(
      await startInCluster({
        ...this.#controllerContext(),
        ...cluster,
        configuration: this.#configuration,
        subscribe: (listener) => this.problems.subscribe(listener),
        served: (ingress) => isServed(ingress, this.#classes(), classRules(this.#configuration)),
      }),
    );
  }

  #shareThrough(access: EtcdAccess): SharedEtcd {
    const { meter, problems } = this;
    const client = this.#started.use(new EtcdClient(access));
    const keys = new Keys(this.#configuration.etcdPrefix);
    const store = this.#started.use(
      createEtcdStore({
        client,
        keys,
        clock: systemClock,
        random: systemRandom,
        log: this.#log,
        meter,
        problems,
      }),
    );
    return { client, keys, store };
  }

  /** What reconcilers are told of the configuration. */
  #reconciling(): Parameters<typeof startOnEtcd>[0]['reconciling'] {
    const { serviceCidrs, nodePortRange } = this.#configuration;
    return {
      serviceCidrs: serviceCidrs.map(({ text }) => text),
      nodePortRange,
      ingressStatus: {
        served: (ingress) => isServed(ingress, this.#classes(), classRules(this.#configuration)),
        addresses: () => this.#ingressAddresses(),
      },
    };
  }

  /** A folder that is not there, like a broken file, says nothing of what it held. */
  async #removeLeftBehind(source: ManifestSource, directory: DataDirectory): Promise<void> {
    if (!this.#configuration.filename.every((path) => existsSync(path))) return;
    const broken = new Set(
      this.problems
        .list()
        .flatMap(({ severity, at }) => (severity === 'error' && at ? at.file : [])),
    );
    this.#started.use(
      await LeftBehind.start({
        path: directory.file('manifest-objects.json'),
        store: this.store,
        defined: () => source.defined(),
        isBroken: (file) => broken.has(file),
        clock: systemClock,
        log: this.#log,
      }),
    );
  }

  async #startController(directory: DataDirectory): Promise<void> {
    const { filename } = this.#configuration;
    const common = this.#controllerContext();
    await this.#etcd?.store.ready();
    if (filename.length > 0) {
      this.#source = this.#started.use(startManifestSource({ ...common, paths: filename }));
      await this.#source.ready();
      if (this.#durable) await this.#removeLeftBehind(this.#source, directory);
    }
    const reconciling = this.#reconciling();
    if (this.#etcd) {
      this.#started.use(await startOnEtcd({ ...common, ...this.#etcd, reconciling }));
      return;
    }
    const ledger = this.#started.use(
      createFileLedger(directory.file('allocations.json'), this.problems),
    );
    const reconcilers = this.#started.use(startReconcilers({ ...common, ledger, ...reconciling }));
    // A class that comes, goes or changes hands decides over the status of its Ingresses.
    this.#started.use(
      this.store.watch({ kinds: ['IngressClass'] }, () => reconcilers.refreshIngressStatus()),
    );
    await reconcilers.settled();
    const health = this.#started.use(
      startHealthChecks({
        ...common,
        probePods: true,
      }),
    );
    await health.settled();
    // Verdicts about Pods become slices before anything is served from them.
    await reconcilers.settled();
  }
}
