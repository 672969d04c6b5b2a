import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { round } from '../statistics.ts';
import type { Engine } from './bed.ts';
import { type ChurnFigures, churnTable, grewOn, measureChurn } from './churn.ts';
import { measureRepair, type RepairFigures, repairTable } from './repair.ts';
import {
  measureRules,
  missedRules,
  type RulesFigures,
  rulesMeasurements,
  rulesTable,
} from './rules.ts';
import { cases, type Part, readSettings, type Settings } from './settings.ts';
import {
  measureTraffic,
  missedTraffic,
  type TrafficFigures,
  trafficMeasurements,
  trafficTable,
} from './traffic.ts';

/** The kernel planes beside upstream's shape for the same Services. Takes root. */
export const bench: Bench = {
  name: 'program',
  summary: 'kernel planes: cold start, one change, traffic, churn, restart and repair; takes root',
  cases,
  requires: ['ip', 'conntrack'],
  peers: ['nft', 'iptables'],
  run,
};

/** Of a core, for 1 000 changes a second. */
const cpuBar = 1;

async function run(context: BenchContext): Promise<BenchReport> {
  const settings = readSettings(context);
  const why = whyNot(settings, context.peers);
  if (why !== undefined) return { figures: {}, failures: [why], missed: [] };
  const { print } = context;
  const wants = (part: Part): boolean => settings.parts.includes(part);
  const rules = await runRules(settings, wants);
  if (rules.length > 0) print(`${rulesTable(rules)}\n`);
  const traffic = wants('traffic') ? await runTraffic(settings, context.quick) : [];
  if (traffic.length > 0) print(`${trafficTable(traffic)}\n`);
  const churn = wants('churn') ? await runChurn(settings) : [];
  if (churn.length > 0) print(`${churnTable(churn)}\n`);
  const repair = wants('repair') ? await runRepair(settings) : [];
  if (repair.length > 0) print(`${repairTable(repair)}\n`);
  return {
    figures: { settings, rules, traffic, churn, repair },
    measurements: [...rulesMeasurements(rules), ...trafficMeasurements(traffic)],
    failures: failuresOf(rules, churn, repair),
    missed: [...missedRules(rules), ...missedTraffic(traffic), ...missedChurn(churn)],
  };
}

async function runRules(
  { engines, size, large, changes }: Settings,
  wants: (part: Part) => boolean,
): Promise<readonly RulesFigures[]> {
  const rows: RulesFigures[] = [];
  for (const engine of wants('rules') ? engines : []) {
    rows.push(await measureRules(engine, size, changes, true));
  }
  if (wants('large') && engines.includes('nftables')) {
    rows.push(await measureRules('nftables', large, changes, false));
  }
  return rows;
}

async function runTraffic(
  { engines, size }: Settings,
  quick: boolean,
): Promise<readonly TrafficFigures[]> {
  const rows: TrafficFigures[] = [];
  for (const engine of engines) {
    for (const services of new Set([10, size.services])) {
      rows.push(await measureTraffic(engine, { ...size, services }, quick));
    }
  }
  return rows;
}

/** The iptables engines take tens of milliseconds a change: they are for other loads. */
async function runChurn(settings: Settings): Promise<readonly ChurnFigures[]> {
  const { size, churnRate, churnSeconds, engines } = settings;
  if (!engines.includes('nftables')) return [];
  return [await measureChurn('nftables', size, churnRate, churnSeconds)];
}

async function runRepair({ engines, size }: Settings): Promise<readonly RepairFigures[]> {
  const rows: RepairFigures[] = [];
  for (const engine of engines) rows.push(await measureRepair(engine, size));
  return rows;
}

function failuresOf(
  rules: readonly RulesFigures[],
  churn: readonly ChurnFigures[],
  repair: readonly RepairFigures[],
): readonly string[] {
  const failed = (what: string, engine: Engine, failures: readonly string[]): readonly string[] =>
    failures.length === 0
      ? []
      : [`${engine}: ${failures.length} connections failed ${what}: ${failures[0]}`];
  return [
    ...[...rules, ...churn]
      .filter(({ left }) => left > 0)
      .map(({ engine }) => `${engine}: the kernel does not have what it should after the changes`),
    ...churn.flatMap(({ engine, failures }) => failed('during the churn', engine, failures)),
    ...repair.flatMap(({ engine, failures }) => failed('over a restart', engine, failures)),
    ...repair
      .filter(({ restartWrites }) => restartWrites > 0)
      .map(({ engine, restartWrites }) => `${engine}: a restart wrote ${restartWrites} times`),
  ];
}

function missedChurn(rows: readonly ChurnFigures[]): readonly string[] {
  const busy = rows.flatMap(({ engine, cpuSec, tookMs }) => {
    const cores = cpuSec / (tookMs / 1000);
    return cores > cpuBar ? [`${engine}: churn takes ${round(cores, 2)} of a core`] : [];
  });
  return [...busy, ...grewOn(rows)];
}

function whyNot({ engines }: Settings, peers: ReadonlySet<string>): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces take root';
  const missing = engines
    .map((engine) => (engine === 'nftables' ? 'nft' : 'iptables'))
    .find((program) => !peers.has(program));
  return missing === undefined ? undefined : `${missing} is not installed`;
}
