import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { type ListenAddress, systemClock, systemRandom } from '../../controller/base/index.ts';
import { startApi } from '../../controller/api/index.ts';
import { execRunner } from '../../controller/health/index.ts';
import type { VirtualIPStatus } from '../../controller/vip/index.ts';
import {
  type ManifestSource,
  startManifestSource,
} from '../../controller/sources/manifests/index.ts';
import type { OpenStore, Store } from '../../controller/store/index.ts';
import { isServed } from '../../ingress/index.ts';
import {
  conntrackMinimums,
  createUserspacePlane,
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
import { HeldAddresses } from './held-addresses.ts';
import { startInCluster } from './in-cluster.ts';
import { leaseLocks } from './lease-locks.ts';
import { LoopbackNodePorts } from './kernel-loopback-node-ports.ts';
import { NetworkProgramming } from './kernel-network-programming.ts';
import { createKernelPlane } from './kernel-plane.ts';
import { KernelRunner } from './kernel-runner.ts';
import {
  createObjectHome,
  type DaemonInputs,
  type FollowedCluster,
  type ObjectHome,
} from './object-stores.ts';
import { Pipeline } from './pipeline.ts';
import { planeWorks, type ServedHere } from './plane-works.ts';
import { Propagation } from './propagation.ts';
import { Readiness } from './readiness.ts';
import { makeServiceCidrsLocal } from './service-cidrs.ts';
import {
  type ControllerContext,
  type ControllerOptions,
  ingressClasses,
  removeLeftBehind,
  startController,
} from './start-controller.ts';
import {
  hasFreePort,
  sharedAddresses,
  withPorts,
  workerConfiguration,
} from './worker-configuration.ts';

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
  readonly #home: ObjectHome;
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
    inputs: DaemonInputs = {},
  ) {
    const { zoneNeeds = new Set() } = inputs;
    this.#configuration = configuration;
    this.#log = log;
    this.#workers = workerConfiguration(configuration, logFormat, [...zoneNeeds]);
    this.problems = new ProblemRegistry({
      log,
      meter: this.meter,
      locate: (ref) => this.#source?.locate(ref),
    });
    const { meter, problems } = this;
    this.#home = createObjectHome(configuration, inputs, {
      log,
      meter,
      problems,
      started: this.#started,
    });
    this.store = this.#home.store;
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
    if (this.#home.kind === 'durable') await this.#home.durable.open();
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
    await this.#startObjects(directory);
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
      ...leaseLocks(this.#home),
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

  async #makeServiceCidrsLocal(): Promise<void> {
    if (this.#workers.l4 === undefined) return;
    const routes = await makeServiceCidrsLocal(this.#configuration);
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
        // With etcd each daemon would tell what all of them see.
        ...(this.#home.kind === 'durable' && {
          subscribe: (listener) => this.problems.subscribe(listener),
        }),
      }),
    );
    this.#api = address;
  }

  async #startInCluster(cluster: FollowedCluster): Promise<void> {
    await cluster.store.ready();
    this.#started.use(
      await startInCluster({
        ...this.#controllerContext(),
        ...cluster,
        configuration: this.#configuration,
        subscribe: (listener) => this.problems.subscribe(listener),
        served: (ingress) =>
          isServed(ingress, ingressClasses(this.store), classRules(this.#configuration)),
      }),
    );
  }

  /** Everything that makes objects, and the API that shows them. */
  async #startObjects(directory: DataDirectory): Promise<void> {
    const home = this.#home;
    if (home.kind === 'cluster') return await this.#startInCluster(home.cluster);
    const options: ControllerOptions = {
      configuration: this.#configuration,
      common: this.#controllerContext(),
      problems: this.problems,
      home,
      directory,
      started: this.#started,
    };
    if (home.kind === 'etcd') await home.etcd.store.ready();
    await this.#startManifests(options);
    await startController(options);
    if (home.kind === 'durable') await this.#startApi(home.durable, directory);
    if (home.kind === 'etcd') await this.#startApi(home.etcd.store, directory);
  }

  async #startManifests(options: ControllerOptions): Promise<void> {
    const { filename } = this.#configuration;
    if (filename.length === 0) return;
    this.#source = this.#started.use(
      startManifestSource({ ...this.#controllerContext(), paths: filename }),
    );
    await this.#source.ready();
    if (this.#home.kind === 'durable') await removeLeftBehind(this.#source, options);
  }
}
