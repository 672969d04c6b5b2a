import { mkdirSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { cpuSeconds } from '../l4/cpu-time.ts';
import { nginxConfig } from '../l4/nginx.ts';
import { type Address, freeAddress, Peer } from '../l4/peer.ts';
import { wrk } from '../l4/wrk.ts';
import { backendYaml, oneRouteYaml } from '../l7/manifest.ts';
import { temporaryFolder } from '../leftovers.ts';
import { writeScaleFolder } from '../scale-manifests.ts';
import { single } from '../single.ts';
import { percentile, round } from '../statistics.ts';
import { measurePage } from './page.ts';

/** What being watched costs: a scrape and an open dashboard, at full load and at size. */
export const bench: Bench = {
  name: 'observe',
  summary: 'what metrics and the dashboard cost a worker at full load; a scrape of 10 000 Services',
  cases: ['cost', 'scrape', 'page'],
  requires: ['nginx', 'wrk', 'taskset'],
  run,
};

const [loadCpus, workerCpus] = availableParallelism() > 1 ? ['0', '1'] : [undefined, undefined];
/** Of the requests per second of CPU without anybody watching. */
const costBar = 0.98;
const usableBarMs = 1_000;
/** Of what it is after the first minute; less is not told from what a collection leaves. */
const heapGrowthBar = 1.2;
const scrapeBars = { ms: 200, bytes: 10 * 2 ** 20 } as const;

async function run(context: BenchContext): Promise<BenchReport> {
  const wants = (name: string): boolean => context.only.length === 0 || context.only.includes(name);
  const cost = wants('cost') ? await measureCost(context) : undefined;
  const scrape = wants('scrape') ? await measureScrape(context) : undefined;
  const page = wants('page') ? await measurePage(context) : undefined;
  const missed: string[] = [];
  if (cost && cost.ratio < costBar) {
    missed.push(
      `watched, a worker does ${cost.ratio} of what it does alone; the bar is ${costBar}`,
    );
  }
  if (scrape && (scrape.ms > scrapeBars.ms || scrape.bytes > scrapeBars.bytes)) {
    missed.push(`a scrape takes ${scrape.ms} ms and ${scrape.bytes} bytes`);
  }
  if (typeof page === 'object' && page.usableMs > usableBarMs) {
    missed.push(`the dashboard is usable after ${page.usableMs} ms; the bar is ${usableBarMs}`);
  }
  if (typeof page === 'object' && page.heapMiB[1] > page.heapMiB[0] * heapGrowthBar) {
    missed.push(`the dashboard's heap grew from ${page.heapMiB.join(' to ')} MiB`);
  }
  return {
    figures: { cost, scrape, page },
    measurements: cost
      ? [
          {
            title: 'requests per second of CPU, watched or not',
            unit: 'requests/s',
            better: 'more',
            baseline: 'nobody looks',
            bar: costBar,
            contenders: [
              single('nobody looks', cost.alone),
              single('scraped each second, dashboard open', cost.watched),
            ],
          },
        ]
      : [],
    failures: [],
    missed,
    leftOut: typeof page === 'string' ? [page] : [],
  };
}

interface Cost {
  readonly alone: number;
  readonly watched: number;
  readonly ratio: number;
}

/** Rounds with and without watchers by turns, so that whatever else happens meets both alike. */
async function measureCost({ quick, print }: BenchContext): Promise<Cost> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder()).path;
  const at = await freeAddress();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(folder, `${at.host}:${at.port}`));
  mkdirSync(join(folder, 'www'));
  resources.use(await Peer.start([...pinned(loadCpus), 'nginx', '-c', config], at));
  const manifest = join(folder, 'routes.yaml');
  writeFileSync(manifest, `${backendYaml(at)}---\n${oneRouteYaml()}`);
  const flags = ['-f', manifest, '--workers', '1', '--proxy-mode', 'none'];
  const daemon = resources.use(await BenchDaemon.start(flags, workerCpus));
  const [pid = daemon.pid] = await daemon.workerPids();
  const one = {
    name: '',
    path: '/short',
    unit: 'requests/s',
    connections: 64,
    headers: [],
  } as const;
  const target = { host: '127.0.0.1', port: daemon.port('http') };
  const seconds = quick ? 1 : 3;
  const load = async (): Promise<number> => {
    const before = cpuSeconds(pid);
    const rate = await wrk({ ...one, id: '', bar: 0 }, target, seconds, loadCpus);
    return (rate * seconds) / (cpuSeconds(pid) - before);
  };
  await load();
  const rates = { alone: [] as number[], watched: [] as number[] };
  for (let turn = 0; turn < (quick ? 1 : 7); turn += 1) {
    rates.alone.push(await load());
    using _ = watch(daemon);
    rates.watched.push(await load());
  }
  const alone = Math.round(percentile(rates.alone, 0.5));
  const watched = Math.round(percentile(rates.watched, 0.5));
  const ratio = round(watched / alone, 3);
  print(
    `requests per second of CPU: ${alone} alone, ${watched} watched: ${ratio} (bar ${costBar})`,
  );
  return { alone, watched, ratio };
}

/** A Prometheus and a browser: a scrape each second, and the live stream. */
function watch(daemon: BenchDaemon): Disposable {
  const timer = setInterval(() => void daemon.admin('/metrics').catch(() => {}), 1_000);
  const stream = get(`http://${daemon.addresses['admin']}/debug/live`, (answer: IncomingMessage) =>
    answer.resume(),
  );
  stream.on('error', () => {});
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      stream.destroy();
    },
  };
}

/** A scrape while every Service has had traffic, so that each has its series. */
async function measureScrape({ quick, print }: BenchContext): Promise<{
  readonly services: number;
  readonly ms: number;
  readonly bytes: number;
}> {
  await using resources = new AsyncDisposableStack();
  const folder = join(resources.use(temporaryFolder()).path, 'manifests');
  const services = quick ? 1_000 : 10_000;
  writeScaleFolder(folder, { services, endpoints: 4, perFile: 50 });
  const flags = ['-f', folder, '--service-cidr', ownServiceCidr(), '--workers', '2'];
  const daemon = resources.use(await BenchDaemon.start(flags));
  await touchAll(daemon);
  const tookMs: number[] = [];
  let bytes = 0;
  for (let scrape = 0; scrape < 5; scrape += 1) {
    const started = performance.now();
    bytes = String(await daemon.admin('/metrics')).length;
    tookMs.push(performance.now() - started);
  }
  const ms = Math.round(percentile(tookMs, 0.5));
  print(`a scrape with ${services} Services: ${ms} ms, ${bytes} bytes`);
  return { services, ms, bytes };
}

/** Connects once to every Service: series are made by the first traffic. */
async function touchAll(daemon: BenchDaemon): Promise<void> {
  const { columns, rows } = (await daemon.admin('/debug/view/services')) as {
    readonly columns: readonly { readonly name: string }[];
    readonly rows: readonly (readonly string[])[];
  };
  const column = (name: string): number => columns.findIndex((one) => one.name === name);
  const [ip, ports] = [column('CLUSTER-IP'), column('PORT(S)')];
  const waiting = rows.map((row) => ({
    host: row[ip] ?? '',
    port: Number.parseInt(row[ports] ?? '', 10),
  }));
  const one = async (): Promise<void> => {
    for (let target = waiting.pop(); target; target = waiting.pop()) await touch(target);
  };
  await Promise.all(Array.from({ length: 50 }, one));
}

/** Whether anybody answers does not matter. */
async function touch(target: Address): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(target);
    socket.once('error', () => {}).once('close', () => resolve());
    socket.once('connect', () => socket.end()).resume();
  });
}

function pinned(cpus: string | undefined): readonly string[] {
  return cpus === undefined ? [] : ['taskset', '-c', cpus];
}
