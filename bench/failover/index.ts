import type { Bench, BenchContext, BenchReport, Measurement } from '../bench.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { measureLoad } from './cpu.ts';
import { type IngressFailover, measureIngressFailover } from './ingress.ts';
import { type MatrixCell, measureMatrix } from './matrix.ts';
import { products } from './products.ts';
import { type Event, measureTakeovers } from './takeover.ts';
import { measureSplit, type SplitOutcome, splitMs } from './witness.ts';

/** Milliseconds between adverts. */
const intervals = [1000, 100, 10] as const;
const events = ['crash', 'stop'] as const;
const routers = 200;
/** What a takeover may take beyond the time the protocol waits. */
const marginMs = 50;
const stopBarMs = 20;
const loadBarPercent = 10;

type Load = Awaited<ReturnType<typeof measureLoad>>;

function caseOf(event: Event, intervalMs: number): string {
  return `${event}-${intervalMs}ms`;
}

/** Too long for a quick run; at 1 s each takeover takes some ten seconds. */
const minutes: readonly string[] = [
  ...events.map((event) => caseOf(event, 1000)),
  'matrix',
  'split',
];

/** How long a client waits for an answer of a virtual IP whose node went. Takes root. */
export const bench: Bench = {
  name: 'failover',
  summary: 'time to a TCP answer on a virtual IP after a crash and a stop, against keepalived',
  cases: [
    ...intervals.flatMap((intervalMs) => events.map((event) => caseOf(event, intervalMs))),
    'load',
    'matrix',
    'ingress',
    'split',
  ],
  requires: ['ip', 'tcpdump', 'keepalived', 'iptables', 'etcd'],
  run,
};

interface Row {
  readonly event: string;
  readonly intervalMs: number;
  readonly product: string;
  readonly timesMs: readonly number[];
}

async function run(context: BenchContext): Promise<BenchReport> {
  if (process.getuid?.() !== 0) {
    return { figures: {}, failures: ['network namespaces take root'], missed: [] };
  }
  const { quick, only } = context;
  const isLeftOut = (one: string): boolean => quick && only.length === 0 && minutes.includes(one);
  const asked = (one: string): boolean =>
    only.length === 0 ? !isLeftOut(one) : only.includes(one);
  const rows = await takeovers(context, asked);
  const load = asked('load') ? await loadOf(context) : undefined;
  const matrix = asked('matrix') ? await matrixOf(context) : undefined;
  const ingress = asked('ingress') ? await ingressOf(context) : undefined;
  const split = asked('split') ? await splitOf(context) : undefined;
  return {
    figures: { takeovers: rows, load, matrix, ingress, split },
    measurements: measurementsOf(rows),
    failures: [...(matrix ?? []).flatMap(failureOf), ...(split ?? []).flatMap(unfenced)],
    missed: missed(rows, load),
    leftOut: minutes.filter(isLeftOut).map((one) => `${one} takes minutes: ask for it by name`),
  };
}

async function takeovers(
  { quick, print }: BenchContext,
  asked: (name: string) => boolean,
): Promise<readonly Row[]> {
  const runs = quick ? 3 : 20;
  const rows: Row[] = [];
  for (const intervalMs of intervals) {
    for (const event of events) {
      if (!asked(caseOf(event, intervalMs))) continue;
      for (const product of products) {
        const timesMs = await measureTakeovers(product, event, intervalMs, runs);
        rows.push({ event, intervalMs, product, timesMs });
      }
    }
  }
  if (rows.length === 0) return rows;
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
  return rows;
}

async function loadOf({ print }: BenchContext): Promise<Load> {
  const load = await measureLoad(routers, 100);
  print(
    `${routers} virtual routers at 100 ms: ${round(load.active)} % of a core as Active, ${round(load.backup)} % as Backup`,
  );
  return load;
}

async function matrixOf({ print }: BenchContext): Promise<readonly MatrixCell[]> {
  const cells = await measureMatrix(100);
  const pairings = [...new Set(cells.map(({ pairing }) => pairing))];
  print('higher/lower priority at 100 ms; milliseconds until the right node answers');
  print(
    textTable(
      ['event', ...pairings],
      [...Map.groupBy(cells, ({ scenario }) => scenario)].map(([scenario, ofScenario]) => [
        scenario,
        ...pairings.map((pairing) => cellText(ofScenario.find((one) => one.pairing === pairing))),
      ]),
    ),
  );
  return cells;
}

async function ingressOf({ print }: BenchContext): Promise<readonly IngressFailover[]> {
  const results = [
    await measureIngressFailover('graceful stop'),
    await measureIngressFailover('power cut'),
  ];
  print(
    'VIP, ingress and backend under autocannon, 20 connections; the holder goes (100 ms adverts)',
  );
  print(
    textTable(
      ['event', 'answered', 'not 200', 'connection errors', 'given up after 1 s', 'silence ms'],
      results.map((one) => [
        one.event,
        one.answered,
        one.refused,
        one.errors,
        one.timeouts,
        round(one.silentMs, 0),
      ]),
    ),
  );
  return results;
}

async function splitOf({ print }: BenchContext): Promise<readonly SplitOutcome[]> {
  const outcomes: SplitOutcome[] = [];
  for (const prefer of [undefined, 'Availability', 'Consistency'] as const) {
    outcomes.push(await measureSplit(prefer));
  }
  print(`adverts dropped at both nodes for ${splitMs / 1000} s, by the witness; then a power cut`);
  print(
    textTable(
      ['witness', 'both held ms', 'taken over after ms'],
      outcomes.map((one) => [one.witness, round(one.bothHeldMs, 0), round(one.takeoverMs, 0)]),
    ),
  );
  for (const { witness, transcript } of outcomes) {
    print(`portolan get vips, witness ${witness}:\n${transcript}`);
  }
  return outcomes;
}

/** With a witness that answers there is one holder, whatever it prefers. */
function unfenced({ witness, bothHeldMs }: SplitOutcome): readonly string[] {
  if (witness === 'none' || bothHeldMs === 0) return [];
  return [`both nodes held the address for ${round(bothHeldMs, 0)} ms with ${witness}`];
}

function cellText(cell: MatrixCell | undefined): string {
  if (!cell) return '-';
  const took = Number.isFinite(cell.tookMs) ? String(round(cell.tookMs, 0)) : 'never';
  return cell.flaps === undefined ? took : `${took} (${cell.flaps} flaps)`;
}

/** What no pairing with ours as the one that has to act may leave undone. */
function failureOf({ scenario, pairing, tookMs }: MatrixCell): readonly string[] {
  if (Number.isFinite(tookMs) || pairing === 'keepalived/keepalived') return [];
  return [`${pairing}: after "${scenario}" the right node did not answer`];
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

function missed(rows: readonly Row[], load: Load | undefined): string[] {
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
  if (load && Math.max(load.active, load.backup) > loadBarPercent) {
    found.push(`${routers} virtual routers cost more than ${loadBarPercent} % of a core`);
  }
  return found;
}
