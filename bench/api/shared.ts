import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { answers, clusterIPByDns } from '../cluster/ask.ts';
import { Backend } from '../cluster/backend.ts';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { BenchEtcd } from '../etcd.ts';
import { percentile, round } from '../statistics.ts';
import { until } from '../until.ts';
import { ApiConnections } from './connection.ts';
import { endpointSlice, paths, service } from './objects.ts';
import { kubeconfigOf } from './scene.ts';

const barMs = 50;

/**
 * Two daemons on one etcd: a Service is created through the API of one; how long from that request
 * until the other answers for its name, and at its address.
 */
export const shared: Scenario = {
  name: 'shared',
  async run({ quick, peers, print }: BenchContext): Promise<Outcome> {
    if (!peers.has('etcd')) return { figures: {}, failures: [], missed: ['etcd is not installed'] };
    await using resources = new AsyncDisposableStack();
    const etcd = resources.use(await BenchEtcd.start());
    const backend = resources.use(await Backend.start());
    const flags = ['--etcd', etcd.url, '--service-cidr', ownServiceCidr(), '--workers', '1'];
    // Started first, it leads.
    const other = resources.use(await BenchDaemon.start(flags));
    const asked = resources.use(await BenchDaemon.start([...flags, '--api', '127.0.0.1:0']));
    const api = resources.use(new ApiConnections(kubeconfigOf(asked), 1));
    await api.ask('GET', '/readyz');
    const dnsMs: number[] = [];
    const vipMs: number[] = [];
    for (let n = 0; n < (quick ? 5 : 50); n += 1) {
      const name = `web${n}`;
      const started = performance.now();
      await api.ask('POST', paths.endpointSlices, endpointSlice(name, 1, backend.port));
      await api.ask('POST', paths.services, service(name));
      const ip = await addressOf(other, name);
      dnsMs.push(performance.now() - started);
      await until(`${name} answers`, async () => await answers(ip, 80, name));
      vipMs.push(performance.now() - started);
    }
    const figures = {
      dnsP50Ms: round(percentile(dnsMs, 0.5)),
      dnsMaxMs: round(Math.max(...dnsMs)),
      vipP50Ms: round(percentile(vipMs, 0.5)),
      vipMaxMs: round(Math.max(...vipMs)),
    };
    print(
      `created at one API, at the other daemon: name ${figures.dnsP50Ms} ms (most ` +
        `${figures.dnsMaxMs}), address answers ${figures.vipP50Ms} ms (most ${figures.vipMaxMs})\n`,
    );
    const slow = figures.vipP50Ms > barMs;
    return {
      figures,
      failures: [],
      missed: slow ? [`${figures.vipP50Ms} ms to the other's address, the bar is ${barMs}`] : [],
    };
  },
};

async function addressOf(daemon: BenchDaemon, name: string): Promise<string> {
  let ip: string | undefined;
  await until(`${name} has a name`, async () => {
    ip = await clusterIPByDns(daemon.port('dns'), name);
    return ip !== undefined;
  });
  return ip ?? '';
}
