import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { BenchDaemon } from '../daemon.ts';
import { type Address, freeAddress, Peer } from '../l4/peer.ts';
import { temporaryFolder } from '../leftovers.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { parseDnsperf, type Load } from './dnsperf.ts';
import { dnsmasqConfig, names, queries, serviceYaml, unboundConfig } from './files.ts';

/** Names of the cluster, one core each, beside unbound and dnsmasq with the same names as local data. */
export const bench: Bench = {
  name: 'dns',
  summary: 'cluster names over UDP and TCP against unbound and dnsmasq',
  run,
};

/** Load on one core, the servers by turns on another; unpinned where there is only one. */
const [loadCpus, serverCpus] = availableParallelism() > 1 ? ['0', '1'] : [undefined, undefined];

/** Of unbound's rate over UDP. */
const bar = 0.55;

interface Contender {
  readonly name: string;
  readonly at: Address;
}

async function run(context: BenchContext): Promise<BenchReport> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder()).path;
  const services = context.quick ? 200 : 10_000;
  const seconds = context.quick ? 1 : 3;
  const list = join(folder, 'queries');
  writeFileSync(list, queries(services));
  const contenders = [
    await startUnbound(folder, services, resources),
    await startDnsmasq(folder, services, resources),
    await startPortolan(folder, services, resources),
  ];
  context.print(`${services} Services, dnsperf for ${seconds} s, medians of 3 by turns`);
  const figures = [];
  const failures: string[] = [];
  const missed: string[] = [];
  for (const mode of ['udp', 'tcp'] as const) {
    const runs = new Map<string, Load[]>(contenders.map(({ name }) => [name, []]));
    for (let turn = 0; turn < (context.quick ? 1 : 3); turn += 1) {
      for (const { name, at } of contenders) {
        const load = await dnsperf(at, mode, list, seconds);
        if (load.lost > load.sent / 100)
          failures.push(`${name} lost ${load.lost} queries (${mode})`);
        runs.get(name)?.push(load);
      }
    }
    const medians = [...runs].map(([name, loads]) => ({ name, ...median(loads) }));
    const unbound = medians[0]?.perSecond ?? Number.NaN;
    const rows = medians.map((one) => ({ ...one, ratio: round(one.perSecond / unbound, 2) }));
    context.print(table(mode, rows));
    const ratio = rows.at(-1)?.ratio ?? 0;
    if (mode === 'udp' && ratio < bar) missed.push(`UDP: ${ratio} of unbound, the bar is ${bar}`);
    figures.push({ mode, rows });
  }
  return { figures, failures, missed };
}

function median(loads: readonly Load[]): Load {
  const sorted = loads.toSorted((a, b) => a.perSecond - b.perSecond);
  return sorted[sorted.length >> 1] ?? { perSecond: 0, meanLatencyMs: 0, sent: 0, lost: 0 };
}

function table(mode: string, rows: readonly (Load & { name: string; ratio: number })[]): string {
  return textTable(
    [mode, 'queries/s', 'of unbound', 'mean latency ms'],
    rows.map((row) => [row.name, Math.round(row.perSecond), row.ratio, row.meanLatencyMs]),
  );
}

async function dnsperf(
  { host, port }: Address,
  mode: 'udp' | 'tcp',
  list: string,
  seconds: number,
): Promise<Load> {
  const pin = loadCpus === undefined ? [] : ['taskset', '-c', loadCpus];
  const load = ['-l', String(seconds), '-q', '100', '-c', '10', '-T', '1', '-m', mode];
  const command = [...pin, 'dnsperf', '-s', host, '-p', String(port), '-d', list, ...load];
  const [file = '', ...args] = command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  return parseDnsperf(text);
}

async function startUnbound(
  folder: string,
  services: number,
  resources: AsyncDisposableStack,
): Promise<Contender> {
  const at = await freeAddress();
  const config = join(folder, 'unbound.conf');
  writeFileSync(config, unboundConfig(at, services));
  resources.use(await Peer.start([...pinned(), 'unbound', '-d', '-c', config], at));
  return { name: 'unbound', at };
}

async function startDnsmasq(
  folder: string,
  services: number,
  resources: AsyncDisposableStack,
): Promise<Contender> {
  const at = await freeAddress();
  const config = join(folder, 'dnsmasq.conf');
  writeFileSync(config, dnsmasqConfig(at, services));
  resources.use(await Peer.start([...pinned(), 'dnsmasq', '-k', '-C', config], at));
  return { name: 'dnsmasq', at };
}

async function startPortolan(
  folder: string,
  services: number,
  resources: AsyncDisposableStack,
): Promise<Contender> {
  const manifest = join(folder, 'services.yaml');
  writeFileSync(manifest, serviceYaml(names(services)));
  const flags = ['-f', manifest, '--workers', '1', '--proxy-mode', 'none'];
  const daemon = resources.use(await BenchDaemon.start(flags, serverCpus));
  return { name: 'portolan', at: { host: '127.0.0.1', port: daemon.port('dns') } };
}

function pinned(): readonly string[] {
  return serverCpus === undefined ? [] : ['taskset', '-c', serverCpus];
}
