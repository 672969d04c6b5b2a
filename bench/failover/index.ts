import type { Bench, BenchContext, BenchReport, Measurement } from '../bench.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { measureLoad } from './cpu.ts';
import { products } from './products.ts';
import { measureTakeovers } from './takeover.ts';

/** Milliseconds between adverts. */
const intervals = [1000, 100, 10] as const;
const events = ['crash', 'stop'] as const;
const routers = 200;
/** What a takeover may take beyond the time the protocol waits. */
const marginMs = 50;
const stopBarMs = 20;
const loadBarPercent = 10;

/** How long a client waits for an answer of a virtual IP whose node went. Takes root. */
export const bench: Bench = {
  name: 'failover',
  summary: 'time to a TCP answer on a virtual IP after a crash and a stop, against keepalived',
  requires: ['ip', 'tcpdump', 'keepalived'],
  run,
};

interface Row {
  readonly event: string;
  readonly intervalMs: number;
  readonly product: string;
  readonly timesMs: readonly number[];
}

async function run({ quick, print }: BenchContext): Promise<BenchReport> {
  if (process.getuid?.() !== 0) {
    return { figures: {}, failures: ['network namespaces take root'], missed: [] };
  }
  const runs = quick ? 3 : 20;
  const rows: Row[] = [];
  // At 1 s each run takes some ten seconds.
  for (const intervalMs of quick ? intervals.slice(1) : intervals) {
    for (const event of events) {
      for (const product of products) {
        const timesMs = await measureTakeovers(product, event, intervalMs, runs);
        rows.push({ event, intervalMs, product, timesMs });
      }
    }
  }
  const load = await measureLoad(routers, 100);
  print(
    `${runs} runs each; milliseconds without an answer over TCP: from the crash on; at a stop, between two answers`,
  );
  print(
    textTable(
      ['event', 'interval', 'product', 'min', 'median', 'p95', 'max'],
      rows.map(({ event, intervalMs, product, timesMs }) => [
        event,
        intervalMs,
        product,
        ...[0, 0.5, 0.95, 1].map((share) => round(percentile(timesMs, share), 0)),
      ]),
    ),
  );
  print(
    `${routers} virtual routers at 100 ms: ${round(load.active)} % of a core as Active, ${round(load.backup)} % as Backup`,
  );
  return {
    figures: { takeovers: rows, load },
    measurements: measurementsOf(rows),
    failures: [],
    missed: missed(rows, load),
  };
}

function measurementsOf(rows: readonly Row[]): readonly Measurement[] {
  const byCase = Map.groupBy(rows, (row) => `${row.event} at ${row.intervalMs} ms`);
  return [...byCase].map(([name, contenders]) => ({
    title: `VIP: ${name}, until an answer`,
    unit: 'ms',
    better: 'less',
    baseline: 'keepalived',
    bar: 1,
    contenders: contenders.map(({ product, timesMs }) => ({
      name: product,
      median: percentile(timesMs, 0.5),
      least: percentile(timesMs, 0),
      greatest: percentile(timesMs, 1),
    })),
  }));
}

function missed(rows: readonly Row[], load: { active: number; backup: number }): string[] {
  const found: string[] = [];
  for (const { event, intervalMs, product, timesMs } of rows) {
    if (product !== 'portolan') continue;
    const worst = percentile(timesMs, 1);
    // Active_Down_Interval of priority 100: RFC 9568 §6.1.
    const barMs = event === 'stop' ? stopBarMs : (3 + 156 / 256) * intervalMs + marginMs;
    if (worst > barMs) {
      found.push(`${event} at ${intervalMs} ms took ${round(worst)} ms, not ${round(barMs)}`);
    }
  }
  if (Math.max(load.active, load.backup) > loadBarPercent) {
    found.push(`${routers} virtual routers cost more than ${loadBarPercent} % of a core`);
  }
  return found;
}
