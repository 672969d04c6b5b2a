import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import { BenchDaemon } from '../daemon.ts';
import { type Address, freeAddress, Peer } from '../l4/peer.ts';
import { temporaryFolder } from '../leftovers.ts';
import { serverCpus } from './dnsperf.ts';
import { dnsmasqConfig, names, queries, serviceYaml, unboundConfig } from './files.ts';

/** A server under load. */
export interface Contender {
  readonly name: string;
  readonly at: Address;
  /** Undefined: it has no TLS. */
  readonly tlsAt: Address | undefined;
}

/** What the cases share: files, sizes, and everything that ends with them. */
export interface Scene {
  readonly context: BenchContext;
  readonly folder: string;
  readonly resources: AsyncDisposableStack;
  readonly services: number;
  readonly seconds: number;
  /** How often each figure is taken. */
  readonly turns: number;
  /** Every Service once, in an order that favours no cache. */
  readonly list: string;
}

export function makeScene(context: BenchContext, resources: AsyncDisposableStack): Scene {
  const folder = resources.use(temporaryFolder()).path;
  const services = context.quick ? 200 : 10_000;
  const list = join(folder, 'queries');
  writeFileSync(list, queries(services));
  const seconds = context.quick ? 1 : 3;
  return { context, folder, resources, services, seconds, turns: context.quick ? 1 : 3, list };
}

/** unbound, dnsmasq and Portolan with the same names, one core each. */
export async function startContenders(scene: Scene): Promise<readonly Contender[]> {
  const { peers } = scene.context;
  const certificate = makeCertificate(scene.folder);
  return [
    ...(peers.has('unbound') ? [await startUnbound(scene, certificate)] : []),
    ...(peers.has('dnsmasq') ? [await startDnsmasq(scene)] : []),
    await startPortolan(scene, certificate),
  ];
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

function makeCertificate(folder: string): Certificate {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const args = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${key} -out ${cert} -days 1 -subj /CN=localhost`;
  execFileSync('openssl', args.split(' '), { stdio: 'ignore' });
  return { cert, key };
}

async function startUnbound(scene: Scene, certificate: Certificate): Promise<Contender> {
  const [at, tlsAt] = [await freeAddress(), await freeAddress()];
  const config = join(scene.folder, 'unbound.conf');
  writeFileSync(config, unboundConfig(at, scene.services, { at: tlsAt, ...certificate }));
  scene.resources.use(await Peer.start([...pinned(), 'unbound', '-d', '-c', config], at));
  return { name: 'unbound', at, tlsAt };
}

async function startDnsmasq(scene: Scene): Promise<Contender> {
  const at = await freeAddress();
  const config = join(scene.folder, 'dnsmasq.conf');
  writeFileSync(config, dnsmasqConfig(at, scene.services));
  scene.resources.use(await Peer.start([...pinned(), 'dnsmasq', '-k', '-C', config], at));
  return { name: 'dnsmasq', at, tlsAt: undefined };
}

async function startPortolan(scene: Scene, { cert, key }: Certificate): Promise<Contender> {
  const tlsAt = await freeAddress();
  const corefile = `.:53 {\n kubernetes cluster.local\n}\ntls://.:${tlsAt.port} {\n tls ${cert} ${key}\n kubernetes cluster.local\n}\n`;
  const daemon = await startDaemon(scene, { corefile, services: scene.services });
  return { name: 'portolan', at: dnsAddress(daemon), tlsAt };
}

export interface DaemonOptions {
  readonly corefile: string;
  /** ClusterIP Services. */
  readonly services: number;
  readonly workers?: number;
}

let started = 0;

/** Portolan on a Corefile, with a folder of its own: `corefileOf` says where. */
export async function startDaemon(
  scene: Scene,
  { corefile, services, workers = 1 }: DaemonOptions,
): Promise<BenchDaemon & { readonly corefile: string }> {
  started += 1;
  const folder = join(scene.folder, `daemon-${started}`);
  mkdirSync(folder);
  const [manifest, path] = [join(folder, 'services.yaml'), join(folder, 'Corefile')];
  writeFileSync(manifest, serviceYaml(names(services)));
  writeFileSync(path, corefile);
  const flags = ['-f', manifest, '--workers', String(workers), '--proxy-mode', 'none'];
  flags.push('--corefile', path);
  const cpus = workers > 1 ? undefined : serverCpus;
  const daemon = scene.resources.use(await BenchDaemon.start(flags, cpus));
  return Object.assign(daemon, { corefile: path });
}

export function dnsAddress(daemon: BenchDaemon): Address {
  return { host: '127.0.0.1', port: daemon.port('dns') };
}

/** The start of a command that runs where servers do. */
export function pinned(): readonly string[] {
  return serverCpus === undefined ? [] : ['taskset', '-c', serverCpus];
}
