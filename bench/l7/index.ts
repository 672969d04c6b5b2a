import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { BenchDaemon } from '../daemon.ts';
import { nginxConfig } from '../l4/nginx.ts';
import { type Address, freeAddress, Peer } from '../l4/peer.ts';
import { temporaryFolder } from '../leftovers.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { bodies, cases } from './cases.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { haproxyConfig } from './haproxy.ts';
import { backendYaml, manyRoutesYaml, middleHost, oneRouteYaml } from './manifest.ts';
import { nginxProxyConfig, type ProxyAddresses } from './nginx.ts';
import { type Contender, type Result, runCase } from './rounds.ts';

/** The ingress engines beside nginx and HAProxy: one core for the proxy, one for the rest. */
export const bench: Bench = {
  name: 'l7',
  summary: 'the ingress engines against nginx and HAProxy: small answers, bodies, TLS, HTTP/2',
  run,
};

/** Load and backend share one core, the proxies another; unpinned where there is only one. */
const [loadCpus, proxyCpus] = availableParallelism() > 1 ? ['0', '1'] : [undefined, undefined];
const manyRoutes = 'wire, 20 000 routes';

/** What each contender is started with. */
interface Scene {
  readonly folder: string;
  readonly backend: Address;
  readonly certificate: Certificate;
  readonly resources: AsyncDisposableStack;
}

async function run(context: BenchContext): Promise<BenchReport> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder()).path;
  const backend = await startBackend(folder, resources);
  const scene = { folder, backend, certificate: makeCertificate(folder), resources };
  const contenders = [
    await startNginx(scene),
    await startHaproxy(scene),
    await startPortolan(scene, 'compat', 'compat', oneRouteYaml()),
    await startPortolan(scene, 'wire', 'wire', oneRouteYaml()),
    {
      ...(await startPortolan(scene, manyRoutes, 'wire', manyRoutesYaml())),
      headers: [`Host: ${middleHost}`],
      only: cases[0]?.name ?? '',
    },
  ];
  const rounds = {
    count: context.quick ? 1 : 5,
    seconds: context.quick ? 1 : 2,
    loadCpus,
    scriptFile: join(folder, 'wrk.lua'),
  };
  context.print(
    `medians of ${rounds.count} runs of ${rounds.seconds} s, by turns; backend nginx, load wrk and h2load\n`,
  );
  const figures = [];
  const missed = [];
  for (const one of cases) {
    const results = await runCase(one, contenders, rounds);
    const ratio = ratioTo(results, 'nginx');
    context.print(`${one.name}, ${one.unit} (bar for wire ${one.bar} of nginx, per CPU)`);
    context.print(`${resultTable(results)}\n`);
    figures.push({ case: one.name, unit: one.unit, bar: one.bar, ratio, results });
    if (ratio < one.bar) missed.push(`${one.name}: ${ratio} of nginx, the bar is ${one.bar}`);
  }
  return { figures, failures: [], missed };
}

async function startBackend(folder: string, resources: AsyncDisposableStack): Promise<Address> {
  const at = await freeAddress();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(folder, `${at.host}:${at.port}`));
  mkdirSync(join(folder, 'www'));
  for (const [name, bytes] of bodies) {
    writeFileSync(join(folder, 'www', name), '');
    truncateSync(join(folder, 'www', name), bytes);
  }
  resources.use(await Peer.start([...pinned(loadCpus), 'nginx', '-c', config], at));
  return at;
}

async function startNginx({ folder, backend, certificate, resources }: Scene): Promise<Contender> {
  const at = await freeAddresses();
  const config = join(folder, 'nginx-proxy.conf');
  writeFileSync(config, nginxProxyConfig(folder, at, backend, certificate));
  const command = [...pinned(proxyCpus), 'nginx', '-c', config];
  const { pid } = resources.use(await Peer.start(command, at.http));
  return { name: 'nginx', at, pid, http2: true };
}

async function startHaproxy(scene: Scene): Promise<Contender> {
  const { folder, backend, certificate, resources } = scene;
  const at = await freeAddresses();
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(config, haproxyConfig(at, backend, certificate));
  const command = [...pinned(proxyCpus), 'haproxy', '-db', '-q', '-f', config];
  const { pid } = resources.use(await Peer.start(command, at.http));
  return { name: 'haproxy', at, pid, http2: true };
}

async function startPortolan(
  { folder, backend, resources }: Scene,
  name: string,
  engine: string,
  routes: string,
): Promise<Contender> {
  const manifest = join(folder, `${name.replaceAll(/[ ,]+/g, '-')}.yaml`);
  writeFileSync(manifest, `${backendYaml(backend)}---\n${routes}`);
  const flags = ['-f', manifest, '--workers', '1', '--proxy-mode', 'none'];
  flags.push('--ingress-engine', engine);
  const daemon = resources.use(await BenchDaemon.start(flags, proxyCpus));
  const [pid = daemon.pid] = await daemon.workerPids();
  const host = '127.0.0.1';
  const http = { host, port: daemon.port('http') };
  const https = { host, port: daemon.port('https') };
  return { name, at: { http, https }, pid, http2: engine === 'wire' };
}

async function freeAddresses(): Promise<ProxyAddresses> {
  return { http: await freeAddress(), https: await freeAddress() };
}

function pinned(cpus: string | undefined): readonly string[] {
  return cpus === undefined ? [] : ['taskset', '-c', cpus];
}

/** What the wire engine does per second of CPU, over what another one does. */
function ratioTo(results: readonly Result[], other: string): number {
  const of = (name: string): number =>
    results.find((one) => one.name === name)?.perCpuSecond ?? Number.NaN;
  return round(of('wire') / of(other), 2);
}

function resultTable(results: readonly Result[]): string {
  const nginx = results.find(({ name }) => name === 'nginx');
  return textTable(
    ['', 'rate', 'per CPU second', 'of nginx'],
    results.map(({ name, rate, perCpuSecond }) => [
      name,
      Math.round(rate),
      Math.round(perCpuSecond),
      nginx ? round(perCpuSecond / nginx.perCpuSecond, 2) : '',
    ]),
  );
}
