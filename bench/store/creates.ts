import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { BenchEtcd } from '../etcd.ts';
import { temporaryFolder } from '../leftovers.ts';
import { single } from '../single.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { runLoad } from './script.ts';

const clients = 16;
const barPerSec = 3_000;
/** About what a Service with one port takes. */
const etcdValue = 'x'.repeat(320);

interface Writes {
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Durable creates from sixteen clients: the store of an API, and etcd's raw writes beside it. */
export const creates: Scenario = {
  name: 'creates',
  async run({ quick, peers, print }: BenchContext): Promise<Outcome> {
    const count = quick ? 3_000 : 30_000;
    const own = ownCreates(count);
    const etcd = peers.has('etcd') ? await etcdPuts(quick ? 1_000 : 10_000) : undefined;
    const rows = [
      ['portolan, creates', own.perSec, own.p50Ms, own.p99Ms],
      ...(etcd ? [['etcd, puts by HTTP', etcd.perSec, etcd.p50Ms, etcd.p99Ms]] : []),
    ];
    print(
      `durable writes, ${clients} clients:\n${textTable(['', '/s', 'p50 ms', 'p99 ms'], rows)}\n`,
    );
    const slow = own.perSec < barPerSec;
    return {
      figures: { clients, count, own, etcd },
      measurements: [
        {
          title: `durable writes from ${clients} clients`,
          unit: 'writes/s',
          better: 'more',
          ...(etcd && { baseline: 'etcd, puts by HTTP' }),
          contenders: [
            ...(etcd ? [single('etcd, puts by HTTP', etcd.perSec)] : []),
            single('portolan, creates', own.perSec),
          ],
        },
      ],
      failures: [],
      missed: slow ? [`${own.perSec} creates/s, the bar is ${barPerSec}`] : [],
    };
  },
};

function ownCreates(count: number): Writes {
  using folder = temporaryFolder();
  const path = join(folder.path, 'store.db');
  const { ms, latenciesMs } = runLoad(['create', path, `${clients}`, `${count}`]) as {
    readonly ms: number;
    readonly latenciesMs: readonly number[];
  };
  return writes(ms, latenciesMs);
}

async function etcdPuts(count: number): Promise<Writes> {
  await using etcd = await BenchEtcd.start();
  const latenciesMs: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (next < count) {
        const asked = performance.now();
        next += 1;
        await etcd.put(`/bench/${next}`, etcdValue);
        latenciesMs.push(performance.now() - asked);
      }
    }),
  );
  return writes(performance.now() - started, latenciesMs);
}

function writes(ms: number, latenciesMs: readonly number[]): Writes {
  return {
    perSec: Math.round((latenciesMs.length / ms) * 1000),
    p50Ms: round(percentile(latenciesMs, 0.5), 2),
    p99Ms: round(percentile(latenciesMs, 0.99), 2),
  };
}
