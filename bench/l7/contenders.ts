import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { BenchDaemon } from '../daemon.ts';
import { type Address, freeAddress, Peer } from '../l4/peer.ts';
import { caddyfile } from './caddy.ts';
import type { Certificate } from './certificate.ts';
import { haproxyConfig } from './haproxy.ts';
import {
  backendYaml,
  filteredHost,
  filteredYaml,
  manyRoutesYaml,
  middleHost,
  oneRouteYaml,
} from './manifest.ts';
import { nginxProxyConfig, type ProxyAddresses } from './nginx.ts';

const hasTwoCores = availableParallelism() > 1;
/** Load and backend share one core, the proxies another; unpinned where there is only one. */
export const loadCpus: string | undefined = hasTwoCores ? '0' : undefined;
const proxyCpus: string | undefined = hasTwoCores ? '1' : undefined;

/** Who takes part. */
export type ContenderName =
  | 'nginx'
  | 'haproxy'
  | 'caddy'
  | 'compat'
  | 'wire'
  | 'wire, 20 000 routes'
  | 'wire, filters';

/** A proxy that runs. */
export interface Contender {
  readonly name: ContenderName;
  readonly at: ProxyAddresses;
  /** The process that carries the traffic. */
  readonly pid: number;
  /** What it needs in each request, such as a Host that it has a route for. */
  readonly headers: readonly string[];
}

/** What each contender is started with. */
export interface Scene {
  readonly folder: string;
  readonly backend: Address;
  readonly certificate: Certificate;
  /** Peers that are not on this machine take no part. */
  readonly peers: ReadonlySet<string>;
}

/** The proxies, each started when it is first asked for, and ended together. */
export class Contenders implements AsyncDisposable {
  readonly #scene: Scene;
  readonly #started = new Map<ContenderName, Contender>();
  readonly #resources = new AsyncDisposableStack();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Those of the names that can take part. */
  async all(names: readonly ContenderName[]): Promise<readonly Contender[]> {
    const found: Contender[] = [];
    for (const name of names) {
      const isPeer = name === 'nginx' || name === 'haproxy' || name === 'caddy';
      if (!isPeer || this.#scene.peers.has(name)) found.push(await this.of(name));
    }
    return found;
  }

  async of(name: ContenderName): Promise<Contender> {
    const known = this.#started.get(name);
    if (known) return known;
    const contender = await this.#start(name);
    this.#started.set(name, contender);
    return contender;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #start(name: ContenderName): Promise<Contender> {
    const { folder, backend, certificate } = this.#scene;
    const file = join(folder, `${name.replaceAll(/[ ,]+/g, '-')}.conf`);
    switch (name) {
      case 'nginx': {
        const at = await freeAddresses();
        writeFileSync(file, nginxProxyConfig(folder, at, backend, certificate));
        return await this.#peer(name, at, ['nginx', '-c', file]);
      }
      case 'haproxy': {
        const at = await freeAddresses();
        writeFileSync(file, haproxyConfig(at, backend, certificate));
        return await this.#peer(name, at, ['haproxy', '-db', '-q', '-f', file]);
      }
      case 'caddy': {
        const at = await freeAddresses();
        writeFileSync(file, caddyfile(at, backend, certificate));
        const home = [
          `HOME=${folder}`,
          `XDG_DATA_HOME=${folder}`,
          `XDG_CONFIG_HOME=${folder}`,
          'GOMAXPROCS=1',
        ];
        const command = ['caddy', 'run', '--adapter', 'caddyfile', '--config', file];
        return await this.#peer(name, at, ['env', ...home, ...command]);
      }
      case 'compat':
      case 'wire':
        return await this.#portolan(name, name, oneRouteYaml(), []);
      case 'wire, 20 000 routes':
        return await this.#portolan(name, 'wire', manyRoutesYaml(), [`Host: ${middleHost}`]);
      case 'wire, filters':
        return await this.#portolan(name, 'wire', filteredYaml(), [
          `Host: ${filteredHost}`,
          'Origin: https://elsewhere.test',
        ]);
    }
  }

  async #peer(
    name: ContenderName,
    at: ProxyAddresses,
    command: readonly string[],
  ): Promise<Contender> {
    const { pid } = this.#resources.use(await Peer.start([...pin(proxyCpus), ...command], at.http));
    return { name, at, pid, headers: [] };
  }

  async #portolan(
    name: ContenderName,
    engine: string,
    routes: string,
    headers: readonly string[],
  ): Promise<Contender> {
    const { folder, backend } = this.#scene;
    const manifest = join(folder, `${name.replaceAll(/[ ,]+/g, '-')}.yaml`);
    writeFileSync(manifest, `${backendYaml(backend)}---\n${routes}`);
    const daemon = this.#resources.use(await startPortolan(manifest, engine, 1, proxyCpus));
    const [pid = daemon.pid] = await daemon.workerPids();
    return { name, at: addressesOf(daemon), pid, headers };
  }
}

/** A daemon that is an ingress alone. */
export async function startPortolan(
  manifest: string,
  engine: string,
  workers: number,
  cpus: string | undefined,
): Promise<BenchDaemon> {
  const flags = ['-f', manifest, '--workers', `${workers}`, '--proxy-mode', 'none'];
  return await BenchDaemon.start([...flags, '--ingress-engine', engine], cpus);
}

/** Where it serves. */
export function addressesOf(daemon: BenchDaemon): ProxyAddresses {
  const host = '127.0.0.1';
  return {
    http: { host, port: daemon.port('http') },
    https: { host, port: daemon.port('https') },
  };
}

/** The beginning of a command that is to run on those CPUs. */
export function pin(cpus: string | undefined): readonly string[] {
  return cpus === undefined ? [] : ['taskset', '-c', cpus];
}

async function freeAddresses(): Promise<ProxyAddresses> {
  return { http: await freeAddress(), https: await freeAddress() };
}
