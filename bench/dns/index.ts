import type { Bench, BenchContext, BenchReport, Measurement } from '../bench.ts';
import type { Case } from './case.ts';
import { cachedForwards } from './forward.ts';
import { memory, workers } from './growth.ts';
import { type Contender, makeScene, type Scene, startContenders } from './scene.ts';
import { clusterNames, halfLoad } from './throughput.ts';
import { reload, stale, upstreams } from './trouble.ts';

/** Contenders are started once for all cases that load them. */
function shared(): (scene: Scene) => Promise<readonly Contender[]> {
  let starting: Promise<readonly Contender[]> | undefined;
  return async (scene) => await (starting ??= startContenders(scene));
}

/** By name, in the order in which they run. */
function casesOf(contenders: ReturnType<typeof shared>): Readonly<Record<string, Case>> {
  return {
    udp: clusterNames('udp', 0.55, contenders),
    tcp: clusterNames('tcp', 0.4, contenders),
    dot: clusterNames('dot', 0.4, contenders),
    'half-load': halfLoad(contenders),
    forward: cachedForwards,
    workers,
    memory,
    upstreams,
    stale,
    reload,
  };
}

/** Speed beside unbound and dnsmasq, one core each, and what must go well under load. */
export const bench: Bench = {
  name: 'dns',
  summary: 'DNS against unbound and dnsmasq; dying upstreams, stale answers, reloads under load',
  cases: Object.keys(casesOf(shared())),
  requires: ['dnsperf', 'taskset'],
  peers: ['unbound', 'dnsmasq'],
  run,
};

async function run(context: BenchContext): Promise<BenchReport> {
  await using resources = new AsyncDisposableStack();
  const scene = makeScene(context, resources);
  context.print(
    `${scene.services} Services, dnsperf for ${scene.seconds} s, medians of ${scene.turns}`,
  );
  const figures: Record<string, unknown> = {};
  const measurements: Measurement[] = [];
  const failures: string[] = [];
  const missed: string[] = [];
  const leftOut: string[] = [];
  const cases = casesOf(shared());
  for (const [name, measure] of Object.entries(cases)) {
    if (context.only.length > 0 && !context.only.includes(name)) continue;
    const report = await measure(scene);
    figures[name] = report.figures;
    measurements.push(...(report.measurements ?? []));
    failures.push(...(report.failures ?? []));
    missed.push(...(report.missed ?? []));
    leftOut.push(...(report.leftOut ?? []));
  }
  return { figures, measurements, failures, missed, leftOut };
}
