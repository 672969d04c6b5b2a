import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { BenchEtcd } from '../etcd.ts';
import { single } from '../single.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { type Requests, runClient } from './child.ts';
import { kubeconfigOf, startDaemon } from './scene.ts';

const clients = 16;
const barPerSec = 3_000;
/** About what a ConfigMap of this benchmark takes. */
const etcdValueBytes = 320;

interface Writes {
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Durable creates by sixteen clients over TLS, and etcd's raw writes, in the clear, beside them. */
export const creates: Scenario = {
  name: 'creates',
  async run({ quick, peers, print }: BenchContext): Promise<Outcome> {
    const configMaps = await ownCreates('configmap', quick ? 3_000 : 30_000);
    const services = await ownCreates('service', quick ? 1_000 : 5_000);
    const etcd = peers.has('etcd') ? await etcdPuts(quick ? 1_000 : 10_000) : undefined;
    const contenders = [
      ...(etcd ? [['etcd, puts by HTTP', etcd] as const] : []),
      ['portolan, ConfigMaps', configMaps] as const,
      ['portolan, Services with their address', services] as const,
    ];
    const rows = contenders.map(([name, one]) => [name, one.perSec, one.p50Ms, one.p99Ms]);
    const table = textTable(['', '/s', 'p50 ms', 'p99 ms'], rows);
    print(`durable creates through the API, ${clients} clients:\n${table}\n`);
    const slow = configMaps.perSec < barPerSec;
    return {
      figures: { clients, configMaps, services, etcd },
      measurements: [
        {
          title: `durable writes from ${clients} clients, through the API`,
          unit: 'writes/s',
          better: 'more',
          ...(etcd && { baseline: 'etcd, puts by HTTP' }),
          contenders: contenders.map(([name, one]) => single(name, one.perSec)),
        },
      ],
      failures: [],
      missed: slow ? [`${configMaps.perSec} creates/s, the bar is ${barPerSec}`] : [],
    };
  },
};

async function ownCreates(kind: 'configmap' | 'service', count: number): Promise<Writes> {
  await using daemon = await startDaemon();
  const args = ['create', kubeconfigOf(daemon), kind, `${clients}`, `${count}`];
  return writesOf((await runClient('load.ts', args)) as Requests);
}

async function etcdPuts(count: number): Promise<Writes> {
  await using etcd = await BenchEtcd.start();
  const args = ['etcd', etcd.url, `${clients}`, `${count}`, `${etcdValueBytes}`];
  return writesOf((await runClient('load.ts', args)) as Requests);
}

function writesOf({ ms, latenciesMs }: Requests): Writes {
  return {
    perSec: Math.round((latenciesMs.length / ms) * 1000),
    p50Ms: round(percentile(latenciesMs, 0.5), 2),
    p99Ms: round(percentile(latenciesMs, 0.99), 2),
  };
}
