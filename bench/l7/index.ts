import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport, Measurement } from '../bench.ts';
import { nginxConfig } from '../l4/nginx.ts';
import { type Address, freeAddress, Peer } from '../l4/peer.ts';
import { temporaryFolder } from '../leftovers.ts';
import { bodies } from './cases.ts';
import { makeCertificate } from './certificate.ts';
import { Contenders, loadCpus, pin } from './contenders.ts';
import { rows } from './rows.ts';

/** The ingress engines beside nginx, HAProxy and Caddy: one core for the proxy, one for the rest. */
export const bench: Bench = {
  name: 'l7',
  summary: 'the ingress engines against nginx, HAProxy and Caddy: requests, bodies, TLS, HTTP/2',
  cases: rows.map(({ id }) => id),
  requires: ['nginx', 'wrk', 'h2load', 'taskset'],
  peers: ['haproxy', 'caddy'],
  run,
};

async function run(bench: BenchContext): Promise<BenchReport> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(temporaryFolder()).path;
  const backend = await startBackend(folder, resources);
  const peers = new Set([...bench.peers, 'nginx']);
  const scene = { folder, backend, certificate: makeCertificate(folder), peers };
  const contenders = resources.use(new Contenders(scene));
  const rounds = { count: bench.quick ? 1 : 5, seconds: bench.quick ? 1 : 2 };
  bench.print(
    `medians of ${rounds.count} runs of ${rounds.seconds} s, by turns; backend nginx, load wrk and h2load\n`,
  );
  const figures: Record<string, unknown> = {};
  const measurements: Measurement[] = [];
  const missed: string[] = [];
  const leftOut: string[] = [];
  for (const row of rows) {
    if (bench.only.length > 0 && !bench.only.includes(row.id)) continue;
    const report = await row.measure({ bench, scene, contenders, rounds });
    figures[row.id] = report.figures;
    measurements.push(...report.measurements);
    missed.push(...report.missed);
    if (report.leftOut !== undefined) leftOut.push(report.leftOut);
  }
  return { figures, measurements, failures: [], missed, leftOut };
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
  resources.use(await Peer.start([...pin(loadCpus), 'nginx', '-c', config], at));
  return at;
}
