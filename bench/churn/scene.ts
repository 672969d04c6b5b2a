import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchDaemon, ownServiceCidr, planes } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { until } from '../until.ts';
import { EndpointNames } from './endpoint-names.ts';
import { Load, type LoadOptions } from './load.ts';
import { host, namespace, servicePort, servicesManifest } from './manifest.ts';
import { Pod } from './pod.ts';

/** Addresses of Pods: apart from any service range and from 127.0.0.1, where others listen. */
const podNetwork = `127.${100 + (process.pid % 16)}.${(process.pid >> 4) % 256}`;
const connectionsEach = 16;

/** Where requests go to. */
export interface ServedAddress {
  readonly address: string;
  readonly port: number;
}

/** Backends, the daemon on them, and ways to put load on it; each scenario gets its own. */
export class Scene implements AsyncDisposable {
  readonly folder: string;
  readonly daemon: BenchDaemon;
  readonly #clusterIP: string;
  /** What DNS answers for the headless Service: endpoints themselves. */
  readonly names: EndpointNames;
  readonly pods: Pod[] = [];
  readonly #resources: AsyncDisposableStack;
  #podsStarted = 0;

  private constructor(
    folder: string,
    daemon: BenchDaemon,
    clusterIP: string,
    resources: AsyncDisposableStack,
  ) {
    this.folder = folder;
    this.daemon = daemon;
    this.#clusterIP = clusterIP;
    this.#resources = resources;
    this.names = new EndpointNames(daemon.port('dns'));
  }

  static async start(podCount: number): Promise<Scene> {
    await using resources = new AsyncDisposableStack();
    const { path } = resources.use(temporaryFolder());
    writeFileSync(join(path, 'services.yaml'), servicesManifest);
    const flags = ['-f', path, '--service-cidr', ownServiceCidr(), '--workers', '2'];
    const daemon = resources.use(await BenchDaemon.start(flags));
    const clusterIP = await daemon.clusterIP(namespace, 'web');
    const scene = new Scene(path, daemon, clusterIP, resources.move());
    try {
      for (let count = 0; count < podCount; count += 1) await scene.addPod();
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts one more backend and waits until every plane serves it. */
  async addPod(): Promise<Pod> {
    this.#podsStarted += 1;
    const number = this.#podsStarted;
    const pod = await Pod.start(`web-${number}`, `${podNetwork}.${number}`);
    this.#resources.use(pod);
    pod.announce(this.folder);
    this.pods.push(pod);
    await until(`DNS names ${pod.name}`, async () => await this.names.has(pod.address));
    await this.settled();
    return pod;
  }

  /** Takes a backend's manifest away and waits until no plane has it; its process goes on. */
  async withdrawPod(pod: Pod): Promise<void> {
    pod.withdraw(this.folder);
    this.pods.splice(this.pods.indexOf(pod), 1);
    await until(`DNS drops ${pod.name}`, async () => !(await this.names.has(pod.address)));
    await this.settled();
  }

  /** Resolves when every worker has all that is compiled. */
  async settled(): Promise<void> {
    await until('every worker is at the newest tables', async () => {
      const { compiled, workers } = await this.daemon.applied();
      return workers.every(({ applied }) =>
        planes.every((plane) => applied[plane] === compiled[plane]),
      );
    });
  }

  get ingressAddress(): ServedAddress {
    return { address: '127.0.0.1', port: this.daemon.port('http') };
  }

  get clusterAddress(): ServedAddress {
    return { address: this.#clusterIP, port: servicePort };
  }

  /** Requests through the Ingress and through the ClusterIP at once. */
  startLoad(options: Pick<LoadOptions, 'reconnectAfter'> = {}): Record<'l7' | 'l4', Load> {
    const common = { ...options, host, connections: connectionsEach };
    const loadOn = ({ address, port }: ServedAddress): Load =>
      new Load({ ...common, url: `http://${address}:${port}/` });
    return { l7: loadOn(this.ingressAddress), l4: loadOn(this.clusterAddress) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
