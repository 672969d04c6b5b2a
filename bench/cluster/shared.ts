import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { BenchEtcd } from '../etcd.ts';
import { temporaryFolder } from '../leftovers.ts';
import { percentile, round } from '../statistics.ts';
import { until } from '../until.ts';
import { answers, clusterIPByDns } from './ask.ts';
import { Backend } from './backend.ts';

const barMs = 50;

/**
 * Two daemons on one etcd: a Service is applied at one; how long until the other answers for its
 * name, and at its address. Then the one that leads is killed: how long until a new Service has an
 * address again.
 */
export const shared: Scenario = {
  name: 'shared',
  async run({ quick, peers, print }: BenchContext): Promise<Outcome> {
    if (!peers.has('etcd')) return { figures: {}, failures: [], missed: ['etcd is not installed'] };
    await using resources = new AsyncDisposableStack();
    const etcd = resources.use(await BenchEtcd.start());
    const backend = resources.use(await Backend.start());
    const folder = new Folder(resources.use(temporaryFolder()).path, backend);
    const flags = ['--etcd', etcd.url, '--service-cidr', ownServiceCidr(), '--workers', '1'];
    // Started first, it leads.
    const leader = resources.use(await BenchDaemon.start(flags));
    const writer = resources.use(await BenchDaemon.start(['-f', folder.path, ...flags]));
    const dnsMs: number[] = [];
    const vipMs: number[] = [];
    for (let n = 0; n < (quick ? 5 : 50); n += 1) {
      const started = performance.now();
      folder.apply(`web${n}`);
      dnsMs.push(await whenNamed(leader, `web${n}`, started));
      vipMs.push(await whenServed(leader, `web${n}`, started));
    }
    process.kill(leader.pid, 'SIGKILL');
    const killed = performance.now();
    folder.apply('after');
    const takenOverMs = Math.round(await whenNamed(writer, 'after', killed));
    const figures = {
      dnsP50Ms: round(percentile(dnsMs, 0.5)),
      dnsMaxMs: round(Math.max(...dnsMs)),
      vipP50Ms: round(percentile(vipMs, 0.5)),
      vipMaxMs: round(Math.max(...vipMs)),
      takenOverMs,
    };
    print(
      `applied at one, at the other: name ${figures.dnsP50Ms} ms (most ${figures.dnsMaxMs}), ` +
        `address answers ${figures.vipP50Ms} ms (most ${figures.vipMaxMs})\n` +
        `leader killed, a new Service has its address at the other: ${takenOverMs} ms\n`,
    );
    const slow = figures.vipP50Ms > barMs;
    return {
      figures,
      failures: [],
      missed: slow ? [`${figures.vipP50Ms} ms to the other's address, the bar is ${barMs}`] : [],
    };
  },
};

/** Manifests of the daemon that writes. */
class Folder {
  readonly path: string;
  readonly #backend: Backend;

  constructor(root: string, backend: Backend) {
    this.path = join(root, 'manifests');
    this.#backend = backend;
    mkdirSync(this.path);
    writeFileSync(join(this.path, 'first.yaml'), backend.manifest('first'));
  }

  apply(name: string): void {
    // Whole at once, as kubectl would have it.
    const hidden = join(this.path, `.${name}`);
    writeFileSync(hidden, this.#backend.manifest(name));
    renameSync(hidden, join(this.path, `${name}.yaml`));
  }
}

async function whenNamed(daemon: BenchDaemon, name: string, started: number): Promise<number> {
  const port = daemon.port('dns');
  await until(
    `${name} has a name`,
    async () => (await clusterIPByDns(port, name)) !== undefined,
    60_000,
  );
  return performance.now() - started;
}

async function whenServed(daemon: BenchDaemon, name: string, started: number): Promise<number> {
  const ip = (await clusterIPByDns(daemon.port('dns'), name)) ?? '';
  await until(`${name} answers`, async () => await answers(ip, 80, name));
  return performance.now() - started;
}
