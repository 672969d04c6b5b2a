import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport, Measurement } from '../bench.ts';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { bodyMiB, cases } from './cases.ts';
import { haproxyConfig } from './haproxy.ts';
import { servicePort, serviceYaml } from './manifest.ts';
import { nginxConfig } from './nginx.ts';
import { type Address, freeAddress, Peer } from './peer.ts';
import { type Contender, type Result, runCase } from './rounds.ts';

/** The userspace plane beside HAProxy in TCP mode: one core for the proxy, one for the rest. */
export const bench: Bench = {
  name: 'l4',
  summary: 'the userspace plane against HAProxy: kept and new connections, bodies',
  cases: cases.map(({ id }) => id),
  requires: ['nginx', 'wrk', 'taskset'],
  peers: ['haproxy'],
  run,
};

/** Load and backend share one core, the proxies another; unpinned where there is only one. */
const [loadCpus, proxyCpus] = availableParallelism() > 1 ? ['0', '1'] : [undefined, undefined];

async function run(context: BenchContext): Promise<BenchReport> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder()).path;
  const backend = await startBackend(folder, resources);
  const contenders = [
    ...(context.peers.has('haproxy') ? [await startHaproxy(folder, backend, resources)] : []),
    await startPortolan(folder, backend, resources),
  ];
  const rounds = { count: context.quick ? 1 : 5, seconds: context.quick ? 1 : 2, loadCpus };
  context.print(
    `medians of ${rounds.count} runs of ${rounds.seconds} s, by turns; backend nginx, load wrk\n`,
  );
  const figures = [];
  const missed = [];
  const measurements: Measurement[] = [];
  for (const one of cases) {
    if (context.only.length > 0 && !context.only.includes(one.id)) continue;
    const results = await runCase(one, contenders, rounds);
    const ratio = ratioOf(results, ({ median }) => median);
    const cpuRatio = ratioOf(results, ({ perCpuSecond }) => perCpuSecond);
    context.print(`${one.name}, ${one.unit}: ratio ${ratio} (bar ${one.bar}), per CPU ${cpuRatio}`);
    context.print(`${resultTable(results)}\n`);
    figures.push({ case: one.name, unit: one.unit, bar: one.bar, ratio, cpuRatio, results });
    measurements.push({
      title: `L4: ${one.name}`,
      unit: one.unit,
      better: 'more',
      baseline: 'haproxy',
      bar: one.bar,
      contenders: results,
    });
    if (ratio < one.bar) missed.push(`${one.name}: ${ratio} of HAProxy, the bar is ${one.bar}`);
  }
  return { figures, measurements, failures: [], missed };
}

async function startBackend(folder: string, resources: AsyncDisposableStack): Promise<Address> {
  const at = await freeAddress();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(folder, format(at)));
  mkdirSync(join(folder, 'www'));
  writeFileSync(join(folder, 'www', 'body'), '');
  truncateSync(join(folder, 'www', 'body'), bodyMiB * 2 ** 20);
  resources.use(await Peer.start([...pinned(loadCpus), 'nginx', '-c', config], at));
  return at;
}

async function startHaproxy(
  folder: string,
  backend: Address,
  resources: AsyncDisposableStack,
): Promise<Contender> {
  const at = await freeAddress();
  const config = join(folder, 'haproxy.cfg');
  writeFileSync(config, haproxyConfig(format(at), format(backend)));
  // `-db`: in the foreground.
  const command = [...pinned(proxyCpus), 'haproxy', '-db', '-q', '-f', config];
  const { pid } = resources.use(await Peer.start(command, at));
  return { name: 'haproxy', at, pid };
}

async function startPortolan(
  folder: string,
  backend: Address,
  resources: AsyncDisposableStack,
): Promise<Contender> {
  const manifest = join(folder, 'service.yaml');
  writeFileSync(manifest, serviceYaml(backend));
  const flags = ['-f', manifest, '--workers', '1', '--service-cidr', ownServiceCidr()];
  const daemon = resources.use(await BenchDaemon.start(flags, proxyCpus));
  const [pid = daemon.pid] = await daemon.workerPids();
  const host = await daemon.clusterIP('bench', 'backend');
  return { name: 'portolan', at: { host, port: servicePort }, pid };
}

function pinned(cpus: string | undefined): readonly string[] {
  return cpus === undefined ? [] : ['taskset', '-c', cpus];
}

function format({ host, port }: Address): string {
  return `${host}:${port}`;
}

/** Portolan's figure over HAProxy's. */
function ratioOf(results: readonly Result[], of: (result: Result) => number): number {
  const [haproxy, portolan] = ['haproxy', 'portolan'].map((wanted) =>
    results.find(({ name }) => name === wanted),
  );
  return haproxy && portolan ? round(of(portolan) / of(haproxy), 2) : Number.NaN;
}

function resultTable(results: readonly Result[]): string {
  return textTable(
    ['', 'median', 'least', 'greatest', 'per CPU second'],
    results.map(({ name, median, least, greatest, perCpuSecond }) => [
      name,
      ...[median, least, greatest, perCpuSecond].map((value) => Math.round(value)),
    ]),
  );
}
